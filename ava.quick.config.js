import all from './ava.config.js';
import {thorough} from './ava.thorough.config.js';

/** What `npm test` runs: all but the thorough tests. */
export default {...all, files: [...all.files, ...thorough.map(pattern => `!${pattern}`)]};
