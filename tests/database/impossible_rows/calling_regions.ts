import { type Impossible, update } from "./statements.ts";

const region = (change: string) => update("private.calling_regions", change, "prefix = '1212'");

/** Where phone numbers are. */
export const CALLING_REGIONS: Impossible = {
  calling_regions_country_is_a_code: () => [
    region("country = 'us'"),
    region("country = 'USA'"),
    region("country = ''"),
  ],
  calling_regions_prefix_is_of_digits: () => [
    region("prefix = ''"),
    region("prefix = '+1212'"),
    region("prefix = '0212'"),
    region("prefix = '1212555010'"),
  ],
  calling_regions_time_zones_are_named: () => [
    region("time_zones = '{}'"),
    region("time_zones = '{UTC,null}'"),
  ],
};
