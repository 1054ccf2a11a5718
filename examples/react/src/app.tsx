import { Health } from './health';
import { NewRule } from './new-rule';
import { Rules } from './rules';

/** The user comes from the address, so that a form of plain HTML changes it. */
export const App = ({ userId }: { readonly userId: string }) => (
  <>
    <header>
      <img src="/door.svg" alt="" width="36" height="36" />
      <h1>Seguridad ABC</h1>
      <form role="search">
        <label htmlFor="user">Rules of</label>
        <input id="user" name="user" defaultValue={userId} required maxLength={128} />
        <button>Show</button>
      </form>
    </header>
    <main>
      <Health />
      <Rules userId={userId} />
      <NewRule userId={userId} />
    </main>
  </>
);
