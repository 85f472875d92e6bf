/** What the full names look like that a name means in which `*` stands for anything. */
export function metricPattern(name: string): RegExp {
  return new RegExp(`^${name.split('*').map(escaped).join('.*')}$`, 's');
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
