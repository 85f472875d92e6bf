import {toSeconds} from '../../engine/time.ts';
import type {KeepalivedConfiguration, VirtualAddress, VirtualRoute} from '../protocols/keepalived-configuration.ts';
import {formatCidr, formatIpv4} from '../wire/ipv4.ts';
import {lines} from './lines.ts';

export type ConfSettings = {
  /** Where the file is, and beside it the script of its health check. */
  readonly folder: string;
  /** Whether the release says by which protocol routes are made (c813b658d0). */
  readonly namesProtocol: boolean;
};

type Instance = KeepalivedConfiguration['instances'][number];

/** keepalived.conf of a router as the L3 agent writes it (neutron/agent/linux/keepalived.py, build_config). */
export function formatKeepalivedConf({scripts, instances}: KeepalivedConfiguration, settings: ConfSettings): string {
  const checks = scripts.flatMap(({name, interval, fall, rise}) => [
    '',
    `vrrp_script ${name} {`,
    `    script "${settings.folder}/${name.replace('health_check', 'check_script')}.sh"`,
    `    interval ${toSeconds(interval)}`,
    `    fall ${fall}`,
    `    rise ${rise}`,
    '}',
    '',
  ]);
  return lines([
    'global_defs {',
    '    notification_email_from neutron@openstack.local',
    '    router_id neutron',
    '}',
    ...checks,
    ...instances.flatMap(instance => instanceLines(instance, settings)),
  ]);
}

function instanceLines(instance: Instance, settings: ConfSettings): readonly string[] {
  const {name, state, virtualRouterId, priority, garpMasterDelay, nopreempt, advertInt} = instance;
  const {virtualAddresses, excludedAddresses, virtualRoutes, trackInterface, trackScript} = instance;
  return [
    `vrrp_instance ${name} {`,
    `    state ${(state ?? 'backup').toUpperCase()}`,
    `    interface ${instance.interface}`,
    `    virtual_router_id ${virtualRouterId}`,
    `    priority ${priority}`,
    `    garp_master_delay ${toSeconds(garpMasterDelay ?? 0)}`,
    ...(nopreempt ? ['    nopreempt'] : []),
    `    advert_int ${toSeconds(advertInt ?? 0)}`,
    ...block(
      'track_interface',
      trackInterface.map(tracked => tracked.name),
    ),
    ...block('virtual_ipaddress', virtualAddresses.map(addressLine)),
    ...block('virtual_ipaddress_excluded', excludedAddresses.map(addressLine)),
    ...block(
      'virtual_routes',
      virtualRoutes.map(route => routeLine(route, settings)),
    ),
    ...block(
      'track_script',
      trackScript.map(tracked => tracked.name),
    ),
    '}',
  ];
}

/** A block in braces; one that is empty is not written. */
function block(name: string, content: readonly string[]): readonly string[] {
  return content.length === 0 ? [] : [`    ${name} {`, ...content.map(line => `        ${line}`), '    }'];
}

function addressLine({address, length, device, noTrack}: VirtualAddress): string {
  return `${formatIpv4(address)}/${length} dev ${device}${noTrack ? ' no_track' : ''}`;
}

/** A router's own routes are written without their device, which the kernel finds. */
function routeLine({prefix, via, device, noTrack}: VirtualRoute, {namesProtocol}: ConfSettings): string {
  const words = [
    prefix.length === 0 ? `dev ${device}` : '',
    noTrack ? 'no_track' : '',
    namesProtocol ? 'protocol static' : '',
  ];
  return [`${formatCidr(prefix)} via ${formatIpv4(via)}`, ...words.filter(word => word !== '')].join(' ');
}
