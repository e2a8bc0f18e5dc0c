/** The POST of the bench: an order of about 1 KB, built anew for every request, and the answer to it. */

export interface Order {
  readonly id: number;
  readonly placedAt: number;
  readonly customer: { readonly name: string; readonly email: string; readonly address: string };
  readonly lines: readonly { readonly sku: string; readonly quantity: number; readonly price: number }[];
}

export interface Receipt {
  readonly accepted: boolean;
  readonly id: string;
  readonly total: number;
  readonly warehouse: { readonly city: string; readonly distanceKm: number };
  readonly next: readonly string[];
}

/** 1,024 bytes as JSON, give or take 20. */
export function orderNumber(number: number): Order {
  const lines: { sku: string; quantity: number; price: number }[] = [];
  for (let line = 0; line < 16; line++) {
    lines.push({ sku: `article-${1000 + ((number + line) % 1000)}`, quantity: 1 + (line % 5), price: 19.95 + line });
  }
  return {
    id: number,
    placedAt: 1_700_000_000_000 + number,
    customer: { name: 'Samuel Plimsoll', email: 'samuel@example.test', address: '28 Harley Street, London' },
    lines,
  };
}

const receipt: Receipt = {
  accepted: true,
  id: 'b1f7c2d0-5a0e-4f0e-9f53-6f4b8a2f3c11',
  total: 863.2,
  warehouse: { city: 'Bristol', distanceKm: 170.5 },
  next: ['/orders/b1f7c2d0/payment', '/orders/b1f7c2d0/shipment'],
};

/** What the target answers; no apostrophe in it, for nginx's configuration quotes it. */
export const receiptText = JSON.stringify(receipt);
