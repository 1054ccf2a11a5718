import { useEffect, useRef, type ReactNode } from 'react';
import { useLocation } from 'react-router';
import styles from './page.module.css';

interface PageProps {
  /** The heading, which is also the title of the window. */
  readonly title: string;
  /** One sentence below the heading. */
  readonly summary?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

/** The frame of a screen. When the route changes, its heading gets the focus, so that screen readers begin there. */
export function Page({ title, summary, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { key } = useLocation();
  useEffect(() => {
    document.title = `${title} · Seguridad ABC`;
  }, [title]);
  useEffect(() => {
    // The first page keeps the focus of the browser.
    if (key !== 'default') heading.current?.focus();
  }, [key]);
  return (
    <>
      <header className={styles['header']}>
        <div>
          <h1 ref={heading} tabIndex={-1} className={styles['title']}>
            {title}
          </h1>
          {summary !== undefined && <div className={styles['summary']}>{summary}</div>}
        </div>
        {actions}
      </header>
      {children}
    </>
  );
}

/** A part of a screen with its own heading. */
export function Panel({ title, children }: { readonly title?: ReactNode; readonly children: ReactNode }) {
  return (
    <section className={styles['panel']}>
      {title !== undefined && <h2 className={styles['panelTitle']}>{title}</h2>}
      {children}
    </section>
  );
}
