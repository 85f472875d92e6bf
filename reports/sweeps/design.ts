/** What a sweep is: two results with the same design are results of the same runs. The keys are those of manifest.json. */
export type SweepDesign = {
  /** The version. */
  readonly faultline: string;
  readonly scenario: string;
  readonly scenario_sha256: string;
  /** What the file is called: its name in the library, or in its folder. */
  readonly scenario_file: string;
  /** The settings of each point, `path=value`, in order. */
  readonly points: readonly (readonly string[])[];
  /** All seeds, as `--seeds` takes them. */
  readonly seeds: string;
  /** The command that makes the whole. */
  readonly repeat_with: string;
};

/** The settings of each point in which points differ; of a single point none. */
export function labelsOf(points: readonly (readonly string[])[]): readonly string[] {
  const [first] = points;
  const varying = first.map((setting, index) => points.some(settings => settings[index] !== setting));
  return points.map(settings => settings.filter((_, index) => varying[index]).join(' '));
}
