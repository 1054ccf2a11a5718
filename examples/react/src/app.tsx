import { ExceptionList, NewExceptionForm } from './exceptions';
import { HealthPanel } from './health-panel';
import { NewCalendarForm } from './new-calendar-form';
import { NewRuleForm } from './new-rule-form';
import { RuleList } from './rule-list';

/** The page of one user. The form in the header loads the page with another user in its URL. */
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
      <HealthPanel />
      <div className="column">
        <RuleList userId={userId} />
        <ExceptionList userId={userId} />
        <NewExceptionForm userId={userId} />
      </div>
      <div className="column">
        <NewRuleForm userId={userId} />
        <NewCalendarForm userId={userId} />
      </div>
    </main>
  </>
);
