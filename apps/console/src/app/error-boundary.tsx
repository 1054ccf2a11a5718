import { Trans } from '@lingui/react/macro';
import { Component, type ReactNode } from 'react';
import { Button } from '../design/button';
import { Notice } from '../design/states';

interface ErrorBoundaryProps {
  readonly children: ReactNode;
}

interface ErrorBoundaryState {
  readonly error?: Error;
}

/** Shows a fault of the console itself in the place of the screen that has it. The navigation goes on working. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, ErrorBoundaryState> {
  override state: ErrorBoundaryState = {};

  static getDerivedStateFromError(error: Error): ErrorBoundaryState {
    return { error };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return (
      <div role="alert">
        <Notice
          icon="alert"
          title={<Trans>The console has a fault</Trans>}
          action={
            <Button onClick={() => location.reload()}>
              <Trans>Reload the page</Trans>
            </Button>
          }
        >
          {error.message}
        </Notice>
      </div>
    );
  }
}
