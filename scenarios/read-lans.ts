import {milliseconds, seconds} from '../engine/time.ts';
import {toHostProfile} from './check-chassis.ts';
import {checkExpectations} from './check-expectations.ts';
import {checkLanFaults, checkLanOperations} from './check-lan-faults.ts';
import {checkLanTraffic} from './check-lan-traffic.ts';
import {checkLans, checkMachines} from './check-machines.ts';
import {readLanDraft} from './draft.ts';
import type {Findings} from './findings.ts';
import type {OvnOptions, Scenario} from './scenario.ts';
import type {Plain} from './yaml-tree.ts';

/** Nobody reads them: there is no OVN here. */
const noOvn: OvnOptions = {
  'bfd-min-rx': milliseconds(1000),
  'bfd-min-tx': milliseconds(100),
  'bfd-mult': 3,
  'bfd-decay-min-rx': 0,
  'ovn-remote-probe-interval': seconds(5),
};

/** Reads and checks a scenario of machines on LANs, without a cloud. */
export function readLans(content: Plain, findings: Findings): Scenario | undefined {
  const reading = readLanDraft(content, findings);
  if (!reading) return undefined;
  const {draft, flawed} = reading;
  const {name, description, duration} = draft;
  const segments = checkLans(draft, flawed, findings);
  const machines = checkMachines(draft, flawed, segments, findings);
  // Of machines that could not be read nothing can be said to be missing.
  const isWhole = machines.length === Object.keys(draft.machines).length;
  return {
    ...{name, description, duration, host: toHostProfile(draft.host), machines, segments},
    ...{ovn: noOvn, neutron: undefined, chassis: [], networks: [], routers: []},
    ...{securityGroups: [], vms: [], hosts: [], floatingIps: [], spareAddresses: []},
    sysctls: {chassis: {}, vms: {}, hosts: {}},
    dhcpAddresses: new Map(),
    traffic: isWhole ? checkLanTraffic(draft, flawed, machines, findings) : [],
    faults: isWhole
      ? [
          ...checkLanFaults(draft, flawed, machines, segments, findings),
          ...checkLanOperations(draft, flawed, machines, findings),
        ]
      : [],
    expectations: checkExpectations(draft, findings),
    sweep: draft.sweep,
  };
}
