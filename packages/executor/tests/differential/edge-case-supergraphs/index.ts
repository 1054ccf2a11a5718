import { inputs } from './inputs.js';
import { interfaces } from './interfaces.js';
import { keys } from './keys.js';
import { lists } from './lists.js';
import { requires } from './requires.js';
import { typeConditions } from './type-conditions.js';

/** Supergraphs with combinations of features that gateways often get wrong. */
export const edgeCaseSupergraphs = { lists, interfaces, requires, keys, inputs, typeConditions };
