/**
 * ISO 4217's list one, every active code, as its maintenance agency published it on 2026-01-01
 * (https://www.six-group.com/en/products-services/financial-information/data-standards.html). Node's own list and the
 * packages that were looked at still have withdrawn codes. To renew it, replace the codes and the date.
 */
const LIST_ONE = `
  AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV
  BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP
  CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF
  GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR
  KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT
  MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN
  PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE
  SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
  USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XAG XAU XBA XBB XBC
  XBD XCD XCG XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWG
`;

const CURRENCIES: ReadonlySet<string> = new Set(LIST_ONE.trim().split(/\s+/));

/** Whether new prices may be in this currency. Those that are stored already keep what they have. */
export function isCurrency(code: unknown): boolean {
  return typeof code === 'string' && CURRENCIES.has(code);
}
