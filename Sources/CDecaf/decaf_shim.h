// Declarations of the part of libdecaf that Ristretto255 uses. The library's own header defines the point as a
// 32-byte-aligned struct, which Swift cannot import; here a point is 256 bytes behind `void *`, aligned to 32,
// and a scalar 32 bytes: four 64-bit limbs, lowest first, of a value below the group order.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// DECAF_SUCCESS is -1 and DECAF_FAILURE is 0: the opposite of libsodium.
typedef int32_t decaf_error_t;
typedef uint64_t decaf_bool_t;

extern const size_t decaf_255_sizeof_precomputed_s, decaf_255_alignof_precomputed_s;
extern const void *decaf_255_precomputed_base;

decaf_error_t decaf_255_scalar_decode(void *out, const uint8_t ser[32]);
void decaf_255_scalar_decode_long(void *out, const uint8_t *ser, size_t len);
void decaf_255_scalar_encode(uint8_t ser[32], const void *s);
void decaf_255_scalar_add(void *out, const void *a, const void *b);
void decaf_255_scalar_sub(void *out, const void *a, const void *b);
void decaf_255_scalar_mul(void *out, const void *a, const void *b);
decaf_error_t decaf_255_scalar_invert(void *out, const void *a);
decaf_bool_t decaf_255_scalar_eq(const void *a, const void *b);

void decaf_255_point_encode(uint8_t ser[32], const void *pt);
decaf_error_t decaf_255_point_decode(void *pt, const uint8_t ser[32], decaf_bool_t allow_identity);
decaf_bool_t decaf_255_point_eq(const void *a, const void *b);
void decaf_255_point_add(void *sum, const void *a, const void *b);
void decaf_255_point_double(void *two_a, const void *a);
void decaf_255_point_sub(void *diff, const void *a, const void *b);
void decaf_255_point_negate(void *nega, const void *a);
void decaf_255_point_scalarmul(void *scaled, const void *base, const void *scalar);
void decaf_255_point_from_hash_uniform(void *pt, const uint8_t hashed[64]);
void decaf_255_base_double_scalarmul_non_secret(
    void *combo, const void *scalar1, const void *base2, const void *scalar2);

void decaf_255_precompute(void *table, const void *base);
void decaf_255_precomputed_scalarmul(void *scaled, const void *table, const void *scalar);
