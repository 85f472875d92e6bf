import {Lans} from '../world/lan/lans.ts';
import {NeutronCloud} from '../world/neutron/neutron-cloud.ts';
import {OvnCloud} from '../world/ovn/ovn-cloud.ts';
import type {World} from '../world/world.ts';
import type {Exhibit} from './exhibit.ts';
import {lanExhibits} from './lan-exhibits.ts';
import {neutronExhibits} from './neutron-exhibits.ts';
import {ovnExhibits} from './ovn-exhibits.ts';
import {siteExhibits} from './site-exhibits.ts';

/**
 * All that can be looked at in a world, and with what. What is counted instead of run is made up for before a tool looks,
 * and nothing else changes: a world that was looked at goes on as one that was not.
 */
export function exhibitsOf(world: World): readonly Exhibit[] {
  const exhibits = [...cloudExhibits(world), ...siteExhibits(world)];
  return exhibits
    .filter(({places}) => places.length > 0)
    .map(exhibit => ({
      ...exhibit,
      tools: exhibit.tools.map(({words, show}) => ({
        words,
        show: (place: string) => {
          world.ground.ledger.settle();
          return show(place);
        },
      })),
    }));
}

function cloudExhibits(world: World): readonly Exhibit[] {
  const {cloud} = world;
  if (cloud instanceof OvnCloud) return ovnExhibits(world, cloud);
  if (cloud instanceof NeutronCloud) return neutronExhibits(world, cloud);
  if (cloud instanceof Lans) return lanExhibits(cloud);
  return [];
}
