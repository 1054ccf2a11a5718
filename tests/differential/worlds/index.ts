import { inputs } from './inputs.js';
import { interfaces } from './interfaces.js';
import { keys } from './keys.js';
import { lists } from './lists.js';
import { requires } from './requires.js';

/** Supergraphs that were written to be awkward. */
export const awkward = { lists, interfaces, requires, keys, inputs };
