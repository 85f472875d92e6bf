import type {KeepalivedConfiguration} from '../models/world/world-plan.ts';
import type {Findings, Path} from './findings.ts';
import {leastAdvertInterval, type KeepalivedDraft} from './grammar-keepalived.ts';
import type {Machine} from './scenario.ts';
import {missing} from './sections.ts';
import {formatTime} from './units.ts';

type Block = KeepalivedConfiguration['instances'][number];
type InstanceDraft = KeepalivedDraft['vrrp-instance'][string];
type Interfaces = Machine['interfaces'];

/** The longest interval that the field of each version holds (RFC 3768, 5.3.7; RFC 5798, 5.2.7). */
const mostUnits = {2: 255, 3: 4095} as const;

/** Checks a keepalived.conf against the interfaces of its machine. */
export function checkKeepalived(
  draft: KeepalivedDraft,
  interfaces: Interfaces,
  path: Path,
  findings: Findings,
): KeepalivedConfiguration {
  const globals = draft['global-defs'];
  const scripts = Object.entries(draft['vrrp-script']).map(([name, script]) => ({name, ...script}));
  const numbers = new Map<string, string>();
  const instances = Object.entries(draft['vrrp-instance']).map(([name, instance]) => {
    const place = [...path, 'vrrp-instance', name];
    const key = `${instance.interface} ${instance['virtual-router-id']}`;
    const other = numbers.get(key);
    if (other !== undefined) {
      const message = `virtual router ${instance['virtual-router-id']} on ${instance.interface} is ${other} already`;
      findings.mistake(findings.value([...place, 'virtual-router-id']), message);
    }
    numbers.set(key, name);
    checkInterval(instance, instance.version ?? globals['vrrp-version'], place, findings);
    checkNames(instance, interfaces, scripts, place, findings);
    checkState(name, instance, place, findings);
    return blockOf(name, instance);
  });
  if (instances.length === 0) findings.mistake(findings.key([...path, 'vrrp-instance']), 'keepalived has no instance');
  return {
    scripts,
    instances,
    globals: {
      version: globals['vrrp-version'],
      downTimerAdverts: globals['vrrp-down-timer-adverts'],
      garpMasterDelay: globals['vrrp-garp-master-delay'],
      garpMasterRepeat: globals['vrrp-garp-master-repeat'],
      garpMasterRefresh: globals['vrrp-garp-master-refresh'],
      garpMasterRefreshRepeat: globals['vrrp-garp-master-refresh-repeat'],
      garpLowerPrioDelay: globals['vrrp-garp-lower-prio-delay'],
      garpLowerPrioRepeat: globals['vrrp-garp-lower-prio-repeat'],
      garpInterval: globals['vrrp-garp-interval'],
      lowerPrioNoAdvert: globals['vrrp-lower-prio-no-advert'],
      higherPrioSendAdvert: globals['vrrp-higher-prio-send-advert'],
    },
  };
}

function checkInterval(instance: InstanceDraft, version: 2 | 3, place: Path, findings: Findings): void {
  const interval = instance['advert-int'];
  const unit = leastAdvertInterval[version];
  const span = findings.value([...place, 'advert-int']);
  if (interval % unit !== 0) {
    findings.mistake(span, `version ${version} of VRRP has adverts every whole ${formatTime(unit)}`);
  } else if (interval / unit > mostUnits[version]) {
    findings.mistake(span, `version ${version} of VRRP has at most ${formatTime(unit * mostUnits[version])}`);
  }
}

function checkNames(
  instance: InstanceDraft,
  interfaces: Interfaces,
  scripts: readonly {readonly name: string}[],
  place: Path,
  findings: Findings,
): void {
  const hasDevice = (device: string, path: Path): void => {
    if (interfaces.some(({name}) => name === device)) return;
    missing('interface', device, path, interfaces, findings);
  };
  hasDevice(instance.interface, [...place, 'interface']);
  if (interfaces.some(({name, address}) => name === instance.interface && !address)) {
    const message = `${instance.interface} has no address of its own to send adverts from`;
    findings.mistake(findings.value([...place, 'interface']), message);
  }
  for (const list of ['virtual-ipaddress', 'virtual-ipaddress-excluded', 'virtual-routes'] as const) {
    for (const [index, entry] of instance[list].entries()) {
      if ('dev' in entry && entry.dev !== undefined) hasDevice(entry.dev, [...place, list, index, 'dev']);
    }
  }
  for (const [index, entry] of instance['track-interface'].entries()) {
    const path = [...place, 'track-interface', index];
    if (typeof entry === 'string') hasDevice(entry, path);
    else hasDevice(entry.interface, [...path, 'interface']);
  }
  for (const [index, entry] of instance['track-script'].entries()) {
    const name = typeof entry === 'string' ? entry : entry.script;
    const path = [...place, 'track-script', index, ...(typeof entry === 'string' ? [] : ['script'])];
    if (!scripts.some(script => script.name === name)) missing('script', name, path, scripts, findings);
  }
}

/** What keepalived itself warns of. */
function checkState(name: string, instance: InstanceDraft, place: Path, findings: Findings): void {
  if (instance.state === 'MASTER') {
    for (const word of ['nopreempt', 'preempt-delay'] as const) {
      if (!instance[word]) continue;
      findings.warning(findings.key([...place, word]), `(${name}) ${word} will not work with initial state MASTER`);
    }
  } else if (instance.nopreempt && instance['preempt-delay'] > 0) {
    const message = `(${name}) preempt-delay is incompatible with nopreempt`;
    findings.warning(findings.key([...place, 'preempt-delay']), message);
  }
}

function blockOf(name: string, instance: InstanceDraft): Block {
  const addressOf = (entry: InstanceDraft['virtual-ipaddress'][number]): Block['virtualAddresses'][number] =>
    'dev' in entry || 'no-track' in entry
      ? {...entry.address, device: entry.dev ?? instance.interface, noTrack: entry['no-track']}
      : {...entry, device: instance.interface, noTrack: false};
  return {
    name,
    state: instance.state === undefined ? undefined : instance.state === 'MASTER' ? 'master' : 'backup',
    interface: instance.interface,
    virtualRouterId: instance['virtual-router-id'],
    priority: instance.priority,
    version: instance.version,
    advertInt: instance['advert-int'],
    nopreempt: instance.nopreempt,
    preemptDelay: instance['preempt-delay'],
    downTimerAdverts: instance['down-timer-adverts'],
    dontTrackPrimary: instance['dont-track-primary'],
    garpMasterDelay: instance['garp-master-delay'],
    garpMasterRepeat: instance['garp-master-repeat'],
    garpMasterRefresh: instance['garp-master-refresh'],
    garpMasterRefreshRepeat: instance['garp-master-refresh-repeat'],
    garpLowerPrioDelay: instance['garp-lower-prio-delay'],
    garpLowerPrioRepeat: instance['garp-lower-prio-repeat'],
    lowerPrioNoAdvert: instance['lower-prio-no-advert'],
    higherPrioSendAdvert: instance['higher-prio-send-advert'],
    virtualAddresses: instance['virtual-ipaddress'].map(addressOf),
    excludedAddresses: instance['virtual-ipaddress-excluded'].map(addressOf),
    virtualRoutes: instance['virtual-routes'].map(route => ({
      prefix: route.to,
      via: route.via,
      device: route.dev,
      noTrack: route['no-track'],
    })),
    trackInterface: instance['track-interface'].map(entry =>
      typeof entry === 'string'
        ? {name: entry, weight: 0, reverse: false}
        : {name: entry.interface, weight: entry.weight, reverse: entry.reverse},
    ),
    trackScript: instance['track-script'].map(entry =>
      typeof entry === 'string'
        ? {name: entry, weight: 0, reverse: false}
        : {name: entry.script, weight: entry.weight, reverse: entry.reverse},
    ),
  };
}
