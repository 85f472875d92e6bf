import {toMilliseconds, toSeconds, type Time} from '../../engine/time.ts';
import type {FlowAction, FlowMatch, FlowSpec} from '../protocols/openflow/flow.ts';
import type {Flow} from '../protocols/openflow/flow-tables.ts';
import {formatCidr, formatIpv4} from '../wire/ipv4.ts';
import {formatMac} from '../wire/mac.ts';
import {lines} from './lines.ts';

export type FlowRow = {readonly flow: Flow; readonly packets: number; readonly bytes: number};

/** `ovs-ofctl -O OpenFlow10 dump-flows` (lib/ofp-flow.c, ofputil_flow_stats_format), in order of table and priority. */
export function formatFlows(rows: readonly FlowRow[], now: Time): string {
  return lines(['NXST_FLOW reply (xid=0x4):', ...rows.map(row => formatFlow(row, now))]);
}

function formatFlow({flow, packets, bytes}: FlowRow, now: Time): string {
  const {cookie, table, priority, hardTimeout} = flow;
  const timeout = hardTimeout === undefined ? '' : `hard_timeout=${toSeconds(hardTimeout)}, `;
  const match = [`priority=${priority}`, ...formatMatch(flow)].join(',');
  const counts = `n_packets=${packets}, n_bytes=${bytes}`;
  const duration = formatDuration(now - flow.installedAt);
  const actions = flow.actions.length === 0 ? 'drop' : flow.actions.map(action => formatAction(action, flow)).join(',');
  return ` cookie=${cookie}, duration=${duration}, table=${table}, ${counts}, ${timeout}${match} actions=${actions}`;
}

/** In seconds, with whole milliseconds (ofp_print_duration). */
function formatDuration(span: Time): string {
  const milliseconds = Math.floor(toMilliseconds(span));
  const [whole, rest] = [Math.floor(milliseconds / 1000), milliseconds % 1000];
  return rest === 0 ? `${whole}s` : `${whole}.${String(rest).padStart(3, '0')}s`;
}

/** In the order of match_format. */
function formatMatch(flow: FlowSpec): readonly string[] {
  const {payload, tunnel, inPort, vlan, source, destination, group, arpSource, arpTarget, arpTargetMac}: FlowMatch =
    flow.match;
  const parts: string[] = [];
  if (payload !== undefined) parts.push(payload === 'arp' ? 'arp' : 'ip');
  if (tunnel !== undefined) parts.push(`tun_id=${hex(tunnel)}`);
  if (inPort !== undefined) parts.push(`in_port=${inPort}`);
  if (vlan === 'none') parts.push('vlan_tci=0x0000/0x1fff');
  else if (vlan !== undefined) {
    // What is learnt has the 12 bits of the VLAN, and nothing about whether there is a tag.
    parts.push(isLearned(flow) ? `vlan_tci=0x${vlan.toString(16).padStart(4, '0')}/0x0fff` : `dl_vlan=${vlan}`);
  }
  if (source !== undefined) parts.push(`dl_src=${formatMac(source)}`);
  if (destination !== undefined) parts.push(`dl_dst=${formatMac(destination)}`);
  if (group !== undefined) parts.push(`dl_dst=0${group ? 1 : 0}:00:00:00:00:00/01:00:00:00:00:00`);
  if (arpSource !== undefined)
    parts.push(`arp_spa=${arpSource.length === 32 ? formatIpv4(arpSource.address) : formatCidr(arpSource)}`);
  if (arpTarget !== undefined) parts.push(`arp_tpa=${formatIpv4(arpTarget)}`);
  if (arpTargetMac !== undefined) parts.push(`arp_tha=${formatMac(arpTargetMac)}`);
  return parts;
}

function formatAction(action: FlowAction, flow: FlowSpec): string {
  switch (action.kind) {
    case 'goto':
      return `resubmit(,${action.table})`;
    case 'output':
      return `output:${action.port}`;
    case 'normal':
      return 'NORMAL';
    case 'set vlan':
      return `mod_vlan_vid:${action.vlan}`;
    case 'strip vlan':
      return isLearned(flow) ? 'load:0->NXM_OF_VLAN_TCI[]' : 'strip_vlan';
    case 'set tunnel':
      return isLearned(flow) ? `load:${hex(action.tunnel)}->NXM_NX_TUN_ID[]` : `set_tunnel:${hex(action.tunnel)}`;
    case 'learn':
      return formatLearn(action);
    case 'answer arp':
      return [
        'load:0x2->NXM_OF_ARP_OP[]',
        'move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[]',
        'move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[]',
        `load:${hex(action.mac)}->NXM_NX_ARP_SHA[]`,
        `load:${hex(action.address)}->NXM_OF_ARP_SPA[]`,
        'move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]',
        `mod_dl_src:${formatMac(action.mac)}`,
        'IN_PORT',
      ].join(',');
  }
}

function formatLearn({table, priority, hardTimeout, cookie}: Extract<FlowAction, {kind: 'learn'}>): string {
  const options = [
    `table=${table}`,
    `hard_timeout=${toSeconds(hardTimeout)}`,
    `priority=${priority}`,
    `cookie=${cookie}`,
  ];
  const lesson = [
    'NXM_OF_VLAN_TCI[0..11]',
    'NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[]',
    'load:0->NXM_OF_VLAN_TCI[]',
    'load:NXM_NX_TUN_ID[]->NXM_NX_TUN_ID[]',
    'output:NXM_OF_IN_PORT[]',
  ];
  return `learn(${[...options, ...lesson].join(',')})`;
}

function isLearned({hardTimeout}: FlowSpec): boolean {
  return hardTimeout !== undefined;
}

function hex(number: number): string {
  return `0x${number.toString(16)}`;
}
