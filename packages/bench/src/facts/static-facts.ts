/** What can be counted of a subject without running it; null: not known, or not comparable. */
export interface StaticFacts {
  /** Of the strategy itself, without blank lines and comments. */
  readonly codeLines: number | null;
  /** Of what it stands on to serve sockets, beside Node: the framework, or the library and what that needs. */
  readonly codeLinesBeneath: number | null;
  /** Packages from the registry that a production install brings. */
  readonly dependencies: number | null;
  /** Of those, packages that only this strategy needs. */
  readonly dependenciesOfItsOwn: number | null;
  /** Files of a production install, without Node; of a peer: its Debian package, without libraries. */
  readonly installedBytes: number | null;
  /** Places where the library must not be trusted. */
  readonly fences: number | null;
}
