import type {Path} from './findings.ts';
import type {Draft} from './grammar.ts';
import type {Inventory} from './inventory.ts';
import type {Router} from './scenario.ts';

type Candidates = Router['gatewayChassis'];

/** The gateway chassis of a router, the first choice first. */
export function checkGateways(
  entry: Draft['routers'][string],
  isFlawed: boolean,
  path: Path,
  inventory: Inventory,
): Candidates {
  const {findings} = inventory;
  const priorities = entry['gateway-chassis'] ?? {};
  const isEmpty = Object.keys(priorities).length === 0;
  if (!isFlawed && entry.external && isEmpty) {
    const message = '"gateway-chassis" is missing: a router with an external network needs at least one';
    findings.mistake(findings.key([...path, 'gateway-chassis']), message, 'Write it as {gw1: 20, gw2: 10}');
  }
  if (!isFlawed && !entry.external && !isEmpty) {
    const message = `${path[1]} has no external network, so it has no use for gateway chassis`;
    findings.mistake(findings.key([...path, 'gateway-chassis']), message);
  }
  const candidates = new Map<string, number>();
  for (const [template, priority] of Object.entries(priorities)) {
    const span = () => findings.key([...path, 'gateway-chassis', template]);
    for (const name of inventory.expand(template, span)) {
      if (!inventory.chassis.has(name)) {
        inventory.chassis.find(name, span);
        break;
      }
      if (inventory.chassis.get(name)?.role === 'controller') {
        findings.mistake(span(), `${name} is a controller and cannot be a gateway`);
      } else if (candidates.has(name)) {
        findings.mistake(span(), `${name} has a priority already`);
      }
      candidates.set(name, priority);
    }
  }
  return [...candidates].map(([chassis, priority]) => ({chassis, priority})).sort(asOvn);
}

/** OVN, controller/ha-chassis.c: higher priorities first, and at equal ones the name that sorts last. */
function asOvn(a: Candidates[number], b: Candidates[number]): number {
  return b.priority - a.priority || (a.chassis < b.chassis ? 1 : -1);
}
