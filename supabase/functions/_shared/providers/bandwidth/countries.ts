/**
 * Countries by ISO 3166-1 alpha-2 and as Bandwidth names them, by alpha-3. Whether it has numbers in
 * one is its own to say.
 */
const COUNTRIES: ReadonlyMap<string, string> = new Map(
  ("AE:ARE AR:ARG AT:AUT AU:AUS BE:BEL BG:BGR BH:BHR BR:BRA CA:CAN CH:CHE CL:CHL CO:COL CR:CRI " +
    "CY:CYP CZ:CZE DE:DEU DK:DNK DO:DOM EE:EST ES:ESP FI:FIN FR:FRA GB:GBR GR:GRC GT:GTM HK:HKG " +
    "HR:HRV HU:HUN ID:IDN IE:IRL IL:ISR IN:IND IS:ISL IT:ITA JP:JPN KR:KOR LT:LTU LU:LUX LV:LVA " +
    "MT:MLT MX:MEX MY:MYS NL:NLD NO:NOR NZ:NZL PA:PAN PE:PER PH:PHL PL:POL PR:PRI PT:PRT RO:ROU " +
    "RS:SRB SE:SWE SG:SGP SI:SVN SK:SVK SV:SLV TH:THA TR:TUR TW:TWN UA:UKR US:USA UY:URY VN:VNM " +
    "ZA:ZAF").split(" ").map((pair): [string, string] => [pair.slice(0, 2), pair.slice(3)]),
);

/** Undefined for a country that is none of those that Bandwidth is known to serve. */
export function toAlpha3(country: string): string | undefined {
  return COUNTRIES.get(country);
}
