/** Requirements that have no case yet, and why. */
export const NOT_YET: readonly { readonly ids: readonly string[]; readonly why: string }[] = [
  {
    ids: ['A21'],
    why: 'The resolver of the system would have to be the subject, which would change the machine.',
  },
  {
    ids: ['T26'],
    why: 'It applies to a server that tells clients an idle time (keepalive), which we do not.',
  },
  { ids: ['S6'], why: 'The runner looks for traces and for the end of the process after every case.' },
  { ids: ['H8'], why: 'It is part of H14 and H15.' },
];
