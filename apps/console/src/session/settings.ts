/** How a browser signs in to this installation. */
export type SignInSettings =
  /** By a link that `npm run sign-in` prints. The session is a cookie. */
  | { readonly kind: 'link' }
  /** Every caller is an operator (`AUTH=off`). */
  | { readonly kind: 'open' }
  /** By the issuer of the tokens. */
  | {
      readonly kind: 'oidc';
      readonly issuer: string;
      readonly clientId: string;
      readonly scope: string;
      readonly resource?: string;
    }
  /** Not at all: `problem` says what the administrator has to configure. */
  | { readonly kind: 'none'; readonly problem: string };

/** What the gateway answers at `/console/settings.json`. */
export interface ConsoleSettings {
  readonly signIn: SignInSettings;
  /** Whether the health of the services is public (`PUBLIC_STATUS`). */
  readonly publicStatus: boolean;
  /** Whether operations are named by their ids (`PERSISTED_OPERATIONS_MODE=ids-only`). */
  readonly operationsById: boolean;
  /** Whether the gateway has pages for developers. */
  readonly developerPages: boolean;
}

/** @throws Error if the gateway does not answer */
export async function loadSettings(): Promise<ConsoleSettings> {
  const response = await fetch('/console/settings.json');
  if (!response.ok) throw new Error(`/console/settings.json: status ${response.status}`);
  return (await response.json()) as ConsoleSettings;
}
