import {seconds, type Time} from '../../../engine/time.ts';
import type {Release} from './releases.ts';

/** Options of Neutron and of its message library, under their own names. Neutron's files are those of release 24.0.0. */
export type NeutronSettings = {
  /** Of the `mechanism_drivers` the one that wires ports. */
  readonly mechanismDriver: 'linuxbridge' | 'openvswitch';
  readonly release: Release;
  readonly reportInterval: Time;
  readonly agentDownTime: Time;
  readonly allowAutomaticL3AgentFailover: boolean;
  readonly rpcWorkers: number;
  readonly rpcStateReportWorkers: number;
  readonly rpcResponseTimeout: Time;
  readonly rpcResponseMaxTimeout: Time;
  readonly heartbeatTimeoutThreshold: Time;
  readonly heartbeatRate: number;
  readonly pollingInterval: Time;
  readonly periodicInterval: Time;
  readonly periodicFuzzyDelay: Time;
  /** The mechanism driver `l2population` and the agents' `l2_population`. */
  readonly l2Population: boolean;
  readonly arpResponder: boolean;
  readonly dhcpAgentsPerNetwork: number;
  readonly allowAutomaticDhcpFailover: boolean;
  /** `never` is for ever. */
  readonly dhcpLeaseDuration: Time;
  readonly resyncThrottle: Time;
  readonly enableIsolatedMetadata: boolean;
  readonly forceMetadata: boolean;
  /** 0 is no limit. */
  readonly maxL3AgentsPerRouter: number;
  readonly checkChildProcessesInterval: Time;
  readonly haVrrpAdvertInt: Time;
  /** 0 is off. */
  readonly haVrrpHealthCheckInterval: Time;
  readonly haConntrackdEnabled: boolean;
  /** HashLimit: connections in each of its caches. */
  readonly haConntrackdHashlimit: number;
};

export const neutronDefaults: NeutronSettings = {
  // neutron/conf/plugins/ml2/config.py has none; the first articles that this follows have Linux bridges
  mechanismDriver: 'linuxbridge',
  release: 'caracal',
  // neutron/conf/agent/common.py
  reportInterval: seconds(30),
  // neutron/conf/agent/database/agents_db.py
  agentDownTime: seconds(75),
  // neutron/conf/db/l3_agentschedulers_db.py
  allowAutomaticL3AgentFailover: false,
  // neutron/service.py, _get_rpc_workers: half of the API workers, of which there is one per core; here of four cores
  rpcWorkers: 2,
  // neutron/conf/service.py, like the two below
  rpcStateReportWorkers: 1,
  periodicInterval: seconds(40),
  periodicFuzzyDelay: seconds(5),
  // oslo_messaging/rpc/client.py
  rpcResponseTimeout: seconds(60),
  // neutron/conf/service.py
  rpcResponseMaxTimeout: seconds(600),
  // oslo_messaging/_drivers/impl_rabbit.py; older releases have a rate of 2
  heartbeatTimeoutThreshold: seconds(60),
  heartbeatRate: 3,
  // neutron/conf/plugins/ml2/drivers/agent.py
  pollingInterval: seconds(2),
  // neutron/conf/plugins/ml2/drivers/linuxbridge.py has both off; l2-population is what deployments turn on
  l2Population: true,
  arpResponder: false,
  // neutron/conf/agent/database/agentschedulers_db.py
  dhcpAgentsPerNetwork: 1,
  allowAutomaticDhcpFailover: true,
  // neutron/conf/common.py
  dhcpLeaseDuration: seconds(86_400),
  // neutron/conf/agent/dhcp.py, like the two below
  resyncThrottle: seconds(1),
  enableIsolatedMetadata: false,
  forceMetadata: false,
  // neutron/conf/db/l3_hamode_db.py
  maxL3AgentsPerRouter: 3,
  // neutron/conf/agent/common.py
  checkChildProcessesInterval: seconds(60),
  // neutron/conf/agent/l3/ha.py
  haVrrpAdvertInt: seconds(2),
  haVrrpHealthCheckInterval: 0,
  // the same file, from release 26.0.0 on
  haConntrackdEnabled: false,
  haConntrackdHashlimit: 131_072,
};
