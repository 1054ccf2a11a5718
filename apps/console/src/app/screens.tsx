import type { MessageDescriptor } from '@lingui/core';
import { msg } from '@lingui/core/macro';
import { lazy, type ComponentType } from 'react';
import type { IconName } from '../design/icon';
import type { Role } from '../session/session';

/** A screen of the navigation. */
export interface Screen {
  readonly path: string;
  /** Who may see it. The gateway decides about the data in any case. */
  readonly role: Role;
  readonly label: MessageDescriptor;
  readonly icon: IconName;
  readonly Component: ComponentType;
}

/** All screens of the navigation, in its order. The first one of a role is its start page. */
export const SCREENS: readonly Screen[] = [
  {
    path: '/services',
    role: 'operator',
    label: msg`Services`,
    icon: 'pulse',
    Component: lazy(async () => {
      const { ServicesScreen } = await import('../screens/services/services-screen');
      return { default: ServicesScreen };
    }),
  },
  {
    path: '/openings',
    role: 'customer',
    label: msg`Openings`,
    icon: 'door',
    Component: lazy(async () => {
      const { OpeningsScreen } = await import('../screens/openings/openings-screen');
      return { default: OpeningsScreen };
    }),
  },
];
