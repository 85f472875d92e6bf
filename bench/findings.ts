/** What a bench found out, as a table. */
export type Findings = {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
};
