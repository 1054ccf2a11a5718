import type { Argv } from 'yargs';
import { z } from 'zod';

/** The option `--url` of every command that sends requests to a gateway. */
export const gatewayUrlOption = { url: z.string().optional() };

/** Adds the option `--url` to the help of a command. */
export const addGatewayUrlOption = (yargs: Argv): Argv =>
  yargs.option('url', {
    type: 'string',
    requiresArg: true,
    describe:
      "The gateway's GraphQL endpoint. Default: that of this installation. " +
      'The command acts as an operator of this installation; for a host that is neither loopback nor HOST, set AUTH_TOKEN',
  });
