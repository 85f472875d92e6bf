import type {Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';
import type {Chassis, HostProfile} from './scenario.ts';

/** The controller that is there if the file names none. */
const defaultController = 'central';

/** Writes the chassis out and adds the controller. */
export function checkChassis(draft: Draft, flawed: ReadonlySet<string>, inventory: Inventory): readonly Chassis[] {
  const {findings} = inventory;
  const chassis: Chassis[] = [];
  const ownProfile = toHostProfile(draft.host);
  let controller: string | undefined;
  for (const [template, {role, host}, path] of inventory.sound('chassis', draft, flawed)) {
    const profile = host === undefined ? ownProfile : toHostProfile(host);
    for (const name of inventory.expand(template, () => findings.key(path))) {
      if (role === 'controller' && controller !== undefined) {
        findings.mistake(findings.key(path), `a second controller: ${controller} is one already`);
        break;
      }
      if (role === 'controller') controller = name;
      const one = {name, role, host: profile};
      inventory.chassis.add(name, one, () => findings.key(path));
      chassis.push(one);
    }
  }
  if (controller !== undefined) return chassis;
  if ([...flawed].some(place => place.startsWith('chassis/'))) {
    // One of the chassis that could not be read may be the controller.
    inventory.chassis.addPossible(defaultController);
    return chassis;
  }
  if (inventory.chassis.has(defaultController)) {
    const hint = 'Make it the controller, or name another one';
    const message = `${defaultController} is the controller that is added where none is named`;
    findings.mistake(findings.key(['chassis', defaultController]), message, hint);
    return chassis;
  }
  const added: Chassis = {name: defaultController, role: 'controller', host: ownProfile};
  inventory.chassis.add(defaultController, added, () => findings.key(['chassis']));
  return [...chassis, added];
}

/** A profile of the file as the models take it. */
export function toHostProfile(host: Draft['host']): HostProfile {
  if (typeof host === 'string') return {base: host, steps: new Map()};
  const {base, ...steps} = host;
  const given = Object.entries(steps).filter(([, span]) => span !== undefined);
  return {base, steps: new Map(given) as HostProfile['steps']};
}
