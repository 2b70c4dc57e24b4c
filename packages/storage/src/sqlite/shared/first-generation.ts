/** SQL: the generation of a subscription that was not written before. A restore raises it, for those that are made later too. */
export const firstGeneration = "ifnull((SELECT value FROM meta WHERE name = 'generation'), 1)";
