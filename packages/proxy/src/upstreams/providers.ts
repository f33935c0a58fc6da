/** A public recursive resolver that is known by name. */
export interface Provider {
  /** The name to authenticate: a dNSName of its certificate (RFC 8310 §8.1). */
  readonly authName: string;
  /** In the order in which they are tried. */
  readonly addresses: readonly string[];
}

/** What `--upstream NAME` stands for. All of them listen on port 853 (RFC 7858 §3.1). */
export const PROVIDERS: Readonly<Record<string, Provider>> = {
  cloudflare: {
    authName: 'cloudflare-dns.com',
    addresses: ['1.1.1.1', '1.0.0.1', '2606:4700:4700::1111', '2606:4700:4700::1001'],
  },
  quad9: {
    authName: 'dns.quad9.net',
    addresses: ['9.9.9.9', '149.112.112.112', '2620:fe::fe', '2620:fe::9'],
  },
  google: {
    authName: 'dns.google',
    addresses: ['8.8.8.8', '8.8.4.4', '2001:4860:4860::8888', '2001:4860:4860::8844'],
  },
};
