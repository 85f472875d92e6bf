import {formatMac, type Mac} from '../wire/mac.ts';
import {lines} from './lines.ts';

export type BridgeSummary = {
  readonly name: string;
  /** Of its ports those that are modelled: its id has the lowest. */
  readonly macs: readonly Mac[];
  readonly ports: readonly string[];
};

/** `brctl show` (bridge-utils, brctl/brctl_cmd.c): bridges and ports in order of their names. */
export function formatBridges(bridges: readonly BridgeSummary[]): string {
  const inOrder = [...bridges].sort((a, b) => (a.name < b.name ? -1 : 1));
  return lines(['bridge name\tbridge id\t\tSTP enabled\tinterfaces', ...inOrder.flatMap(formatBridge)]);
}

function formatBridge({name, macs, ports}: BridgeSummary): readonly string[] {
  const id = formatMac(macs.length === 0 ? 0 : Math.min(...macs)).replaceAll(':', '');
  const [first = '', ...others] = [...ports].sort();
  return [`${name}\t\t8000.${id}\tno\t\t${first}`, ...others.map(port => `${'\t'.repeat(7)}${port}`)];
}
