import {formatIpv4, type Ipv4} from '../wire/ipv4.ts';
import {lines} from './lines.ts';

export type ChassisRow = {
  readonly name: string;
  readonly endpoint: Ipv4;
  /** Logical ports that the chassis has claimed. */
  readonly ports: readonly string[];
};

/** `ovn-sbctl show` of OVN 23.03 (utilities/ovn-sbctl.c, cmd_show_tables), in the order of names where rows go by a hash. */
export function formatSouthbound(chassis: readonly ChassisRow[]): string {
  return lines(
    chassis.flatMap(({name, endpoint, ports}) => [
      `Chassis ${quoted(name)}`,
      `    hostname: ${quoted(name)}`,
      '    Encap geneve',
      `        ip: "${formatIpv4(endpoint)}"`,
      '        options: {csum="true"}',
      ...ports.map(port => `    Port_Binding ${quoted(port)}`),
    ]),
  );
}

/** Words that could be anything else stand in quotes (lib/ovsdb-data.c, string_needs_quotes). */
function quoted(word: string): string {
  return /^[a-z_][\w.-]*$/i.test(word) && word !== 'true' && word !== 'false' ? word : JSON.stringify(word);
}
