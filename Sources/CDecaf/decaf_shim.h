// Declarations of the part of libdecaf that Ristretto255 uses. The library's own header defines the point as a
// 32-byte-aligned struct, which Swift cannot import; here a point is 256 bytes behind `void *`, aligned to 32.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Little-endian limbs of a scalar below the group order. Plain, not Montgomery form.
typedef struct {
    uint64_t limb[4];
} decaf_255_scalar_s;

/// DECAF_SUCCESS is -1 and DECAF_FAILURE is 0: the opposite of libsodium.
typedef int32_t decaf_error_t;
typedef uint64_t decaf_bool_t;

extern const size_t decaf_255_sizeof_precomputed_s, decaf_255_alignof_precomputed_s;
extern const void *decaf_255_precomputed_base;

decaf_error_t decaf_255_scalar_decode(decaf_255_scalar_s *out, const uint8_t ser[32]);
void decaf_255_scalar_decode_long(decaf_255_scalar_s *out, const uint8_t *ser, size_t len);
void decaf_255_scalar_encode(uint8_t ser[32], const decaf_255_scalar_s *s);
void decaf_255_scalar_add(decaf_255_scalar_s *out, const decaf_255_scalar_s *a, const decaf_255_scalar_s *b);
void decaf_255_scalar_sub(decaf_255_scalar_s *out, const decaf_255_scalar_s *a, const decaf_255_scalar_s *b);
void decaf_255_scalar_mul(decaf_255_scalar_s *out, const decaf_255_scalar_s *a, const decaf_255_scalar_s *b);
decaf_error_t decaf_255_scalar_invert(decaf_255_scalar_s *out, const decaf_255_scalar_s *a);
decaf_bool_t decaf_255_scalar_eq(const decaf_255_scalar_s *a, const decaf_255_scalar_s *b);

void decaf_255_point_encode(uint8_t ser[32], const void *pt);
decaf_error_t decaf_255_point_decode(void *pt, const uint8_t ser[32], decaf_bool_t allow_identity);
decaf_bool_t decaf_255_point_eq(const void *a, const void *b);
void decaf_255_point_add(void *sum, const void *a, const void *b);
void decaf_255_point_double(void *two_a, const void *a);
void decaf_255_point_sub(void *diff, const void *a, const void *b);
void decaf_255_point_negate(void *nega, const void *a);
void decaf_255_point_scalarmul(void *scaled, const void *base, const decaf_255_scalar_s *scalar);
void decaf_255_point_from_hash_uniform(void *pt, const uint8_t hashed[64]);
void decaf_255_base_double_scalarmul_non_secret(
    void *combo, const decaf_255_scalar_s *scalar1, const void *base2, const decaf_255_scalar_s *scalar2);

void decaf_255_precompute(void *table, const void *base);
void decaf_255_precomputed_scalarmul(void *scaled, const void *table, const decaf_255_scalar_s *scalar);
