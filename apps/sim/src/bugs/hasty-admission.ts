/** Stands where the hub expects its admission: that itself, or one that refuses without asking what is stored. */
import { type Admission, createAdmission as create } from "@waybill/hub/src/publish/admission.ts";
import { plantedBug } from "./catalogue.ts";

export type { Admission };

export function createAdmission(parts: Parameters<typeof create>[0]): Admission {
  const admission = create(parts);
  if (plantedBug() !== "refused-by-a-later-claim") return admission;
  return {
    ...admission,
    admit(identity, candidate) {
      admission.admit(identity, candidate);
      if (candidate.refusal) throw candidate.refusal.error;
    },
  };
}
