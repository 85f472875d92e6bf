/** The command that repeats a run, for a shell, in the folder of the scenario file. */
export function runCommandOf(file: string, seed: string, settings: readonly string[]): string {
  return commandOf('run', [`--seed=${seed}`, ...given(settings)], file);
}

/** The command that repeats a sweep. */
export function sweepCommandOf(file: string, seeds: string, settings: readonly string[]): string {
  return commandOf('sweep', [`--seeds=${seeds}`, ...given(settings)], file);
}

function commandOf(command: string, options: readonly string[], file: string): string {
  const words = ['faultline', command, ...options, ...(file.startsWith('-') ? ['--'] : []), file];
  return words.map(quote).join(' ');
}

function given(settings: readonly string[]): readonly string[] {
  return settings.flatMap(setting => ['--set', setting]);
}

function quote(word: string): string {
  return /^[\w./=:@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
