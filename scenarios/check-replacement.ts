import {formatMac, type Mac} from '../models/wire/mac.ts';
import type {Path} from './findings.ts';
import type {Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';
import {quote} from './mistakes.ts';
import {didYouMean} from './near-miss.ts';
import type {OperationOfFile, Vm} from './scenario.ts';

type Replacement = Extract<Draft['operations'][string], {do: 'replace'}>;

/** Locally administered, and counted by the entries of the file; no model uses 02:00:03. */
const firstMac: Mac = 0x02_00_03_00_00_01;

/** Reads an operation by which another machine takes the place of one; `number` says which entry of the file it is. */
export function readReplacement(
  {machine, mac: written}: Replacement,
  number: number,
  path: Path,
  owners: readonly Vm[],
  {findings, vms, hosts}: Inventory,
): OperationOfFile {
  const span = () => findings.value([...path, 'machine']);
  if (!vms.mayHave(machine) && !hosts.mayHave(machine)) {
    const names = [...vms.names, ...hosts.names];
    findings.mistake(span(), `machine ${quote(machine)} does not exist`, () => didYouMean(machine, names));
  }
  if (vms.get(machine)?.addressing === 'dhcp') {
    const message = `${machine} has its address by DHCP, and a machine with another MAC would get none`;
    findings.mistake(span(), message, 'Give it addressing: static');
  }
  if (hosts.get(machine)?.behindGateway) {
    findings.mistake(span(), `${machine} is behind an upstream router, and has no MAC on any network of the file`);
  }
  const mac = written ?? firstMac + number;
  const owner = owners.find(vm => vm.mac === mac);
  if (owner) findings.mistake(findings.value([...path, 'mac']), `${formatMac(mac)} is the MAC of ${owner.name}`);
  return {what: 'replace', mac};
}
