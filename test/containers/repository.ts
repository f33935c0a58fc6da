import { fileURLToPath } from 'node:url';

/** The repository's root, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The offline variant of the Compose files, as options of docker-compose. */
export const COMPOSE_FILES: readonly string[] = [
  '--project-directory',
  ROOT,
  '--file',
  `${ROOT}docker-compose.yml`,
  '--file',
  `${ROOT}docker-compose.offline.yml`,
];

/** The six services that answer queries. */
export const SERVICES = [
  { service: 'raw-udp', transport: 'udp', port: 5301 },
  { service: 'raw-tcp', transport: 'tcp', port: 5301 },
  { service: 'framework-udp', transport: 'udp', port: 5302 },
  { service: 'framework-tcp', transport: 'tcp', port: 5302 },
  { service: 'library-udp', transport: 'udp', port: 5303 },
  { service: 'library-tcp', transport: 'tcp', port: 5303 },
] as const;

export const STRATEGIES = ['raw', 'framework', 'library'] as const;
