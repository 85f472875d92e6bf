import type {Exhibit, Tool} from '../models/inspect/exhibit.ts';
import {quote} from './mistakes.ts';
import {didYouMean} from './near-miss.ts';

/** A thing to look at and the tool for it, or what is wrong with the words. */
export type FoundObject =
  | {
      /** As it is listed: `gw1 ip neigh`. */
      readonly object: string;
      /** What the tool prints at present. */
      show(): string;
    }
  | {readonly flaw: string};

type Named = {readonly name: string; readonly place: string; readonly exhibit: Exhibit};

/** What the tools are called for short or in full; options without which they make no sense here may be left out. */
const spellings: readonly (readonly [RegExp, string])[] = [
  [/^ip (?:a|addr|address)(?: show| list| ls)?$/, 'ip addr'],
  [/^ip (?:r|ro|route)(?: show| list| ls)?$/, 'ip route'],
  [/^ip (?:ru|rule)(?: show| list| ls)?$/, 'ip rule'],
  [/^ip (?:n|neigh|neighbour|neighbor)(?: show| list| ls)?$/, 'ip neigh'],
  [/^ip netns(?: show| list| ls)?$/, 'ip netns'],
  [/^(?:bridge )?fdb(?: show| list| ls)?$/, 'bridge fdb'],
  [/^(?:(?:ovs-ofctl )?dump-flows )?(br-[\w-]+)$/, 'ovs-ofctl dump-flows $1'],
  [/^(?:ovs-appctl )?fdb\/show (br-[\w-]+)$/, 'ovs-appctl fdb/show $1'],
  [/^brctl(?: show)?$/, 'brctl show'],
  [/^iptables-save(?: -t nat)?$/, 'iptables-save -t nat'],
  [/^conntrack(?: -L)?$/, 'conntrack -L'],
  [/^(?:cat )?(?:\/tmp\/)?keepalived\.data$/, 'cat /tmp/keepalived.data'],
  [/^(?:cat )?(?:\/var\/lib\/neutron\/ha_confs\/[\w-]+\/)?(keepalived\.conf|conntrackd\.conf|state)$/, 'cat $1'],
  [/^conntrackd(?: -C \S+)? (-[ies])$/, 'conntrackd $1'],
  [/^openstack network agent list --long$/, 'openstack network agent list'],
  [
    /^openstack network agent list (?:--long )?--router (\S+)(?: --long)?$/,
    'openstack network agent list --router $1 --long',
  ],
  [/^(ovn-[ns]bctl)(?: show)?$/, '$1 show'],
  [/^(?:ovs-appctl )?(bfd\/show|tnl\/neigh\/show|dpctl\/dump-conntrack)$/, 'ovs-appctl $1'],
];

/** Finds what words like `gw1 ip neigh` mean. Between node and namespace may stand `ip netns exec`, as on the real machine. */
export function findObject(exhibits: readonly Exhibit[], words: readonly string[]): FoundObject {
  const text = words.join(' ').trim().replace(/\s+/g, ' ').replace(' ip netns exec ', ' ');
  const named = exhibits.flatMap(exhibit =>
    exhibit.places.flatMap((place): readonly Named[] => {
      const alias = exhibit.alias?.(place);
      return [place, ...(alias === undefined ? [] : [alias])].map(name => ({name, place, exhibit}));
    }),
  );
  const fitting = named.filter(({name}) => name === '' || text === name || text.startsWith(`${name} `));
  for (const {name, place, exhibit} of fitting) {
    const tool = toolCalled(text.slice(name.length).trim(), exhibit);
    if (tool) return {object: `${place} ${tool.words}`.trim(), show: () => tool.show(place)};
  }
  const longest = Math.max(0, ...fitting.map(({name}) => name.length));
  const meant = fitting.filter(({name}) => name !== '' && name.length === longest);
  return {flaw: meant.length > 0 ? noSuchTool(text, meant, named) : noSuchPlace(text, named)};
}

function toolCalled(text: string, {tools}: Exhibit): Tool | undefined {
  const spelling = spellings.find(([pattern]) => pattern.test(text));
  const canonical = spelling ? text.replace(spelling[0], spelling[1]) : text;
  return tools.find(({words}) => words === canonical);
}

function noSuchTool(text: string, meant: readonly Named[], named: readonly Named[]): string {
  const [{name}] = meant;
  const tools = [...new Set(meant.flatMap(({exhibit}) => exhibit.tools.map(({words}) => words)))];
  const asked = text.slice(name.length).trim();
  if (tools.length === 0) return `there is nothing to see of ${name}: such hosts ${meant[0].exhibit.remark}.`;
  const there = `There are ${tools.join(', ')}.`;
  if (asked === '') return `what of ${name}? ${there}`;
  const [word] = asked.split(' ');
  if (/^q(?:router|dhcp)-/.test(word)) return noSuchNamespace(name, word, named);
  return [`${name} cannot show ${quote(asked)}.`, didYouMean(asked, tools) ?? ofProgram(asked, tools) ?? there].join(
    ' ',
  );
}

/** The tools of the same program: `iptables-save -t nat` for `iptables -t nat -S`. */
function ofProgram(asked: string, tools: readonly string[]): string | undefined {
  const program = (words: string): string => words.split(/[ -]/)[0];
  const own = tools.filter(words => program(words) === program(asked));
  if (own.length === 0) return undefined;
  return own.length === 1 ? `Did you mean ${quote(own[0])}?` : `There are ${own.join(', ')}.`;
}

/** A namespace that is never on this node: it may be on others. */
function noSuchNamespace(node: string, namespace: string, named: readonly Named[]): string {
  const names = named.map(({name}) => name.split(' '));
  const nodes = names.filter(([, own]) => own === namespace).map(([other]) => other);
  const none = `there is no ${quote(namespace)} on ${node}, at any time.`;
  if (nodes.length === 0)
    return [
      none,
      didYouMean(
        namespace,
        names.flatMap(([, own]) => own ?? []),
      ),
    ]
      .join(' ')
      .trim();
  return `${none} Look on ${nodes.length > 3 ? `${nodes.slice(0, 3).join(', ')}, …` : nodes.join(', ')}.`;
}

function noSuchPlace(text: string, named: readonly Named[]): string {
  const words = text.split(' ');
  const whole = named.filter(({name}) => name === '').flatMap(({exhibit}) => exhibit.tools.map(tool => tool.words));
  for (let count = Math.min(3, words.length); count > 0; count--) {
    const asked = words.slice(0, count).join(' ');
    const names = [...whole, ...named.map(({name}) => name)].filter(name => name.split(' ').length === count);
    const hint = didYouMean(asked, names);
    if (hint !== undefined) return `there is no ${quote(asked)} to look at. ${hint}`;
  }
  return `there is no ${quote(words[0])} to look at.`;
}
