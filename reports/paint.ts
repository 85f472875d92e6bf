/** How words stand out; plain text where nobody sees colours. */
export type Paint = {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly bold: (text: string) => string;
};

const same = (text: string): string => text;

export const plain: Paint = {good: same, bad: same, dim: same, bold: same};
