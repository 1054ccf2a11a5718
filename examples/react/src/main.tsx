import { ApolloProvider } from '@apollo/client/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app';
import { apolloClient } from './client';
import { userId } from './user-session';
import './style.css';

const root = document.querySelector('#root');
if (!root) throw new Error('index.html has no element #root.');
createRoot(root).render(
  <StrictMode>
    <ApolloProvider client={apolloClient}>
      <App userId={userId} />
    </ApolloProvider>
  </StrictMode>,
);
