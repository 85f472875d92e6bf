/** Something the user can mend: told in a sentence, without a stack, with exit status 2. */
export class Failure extends Error {}

/** What the exit status says; signals end it with 128 and their number. */
export const exitStatus = {fine: 0, missed: 1, wrong: 2, bug: 3} as const;
