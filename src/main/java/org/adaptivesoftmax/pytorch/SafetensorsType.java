package org.adaptivesoftmax.pytorch;

import java.nio.ByteBuffer;
import java.nio.ShortBuffer;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.ndarray.buffer.layout.DataLayouts;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.family.TFloating;

/**
 * The element types of the safetensors format, under the names its header uses. {@link #F16}, {@link #BF16}, {@link
 * #F32} and {@link #F64} can be read as float32, and written; of the others only the size is known, which checking a
 * file needs.
 */
public enum SafetensorsType {
  /** Boolean, one byte. */
  BOOL(8),
  /** Float of 4 bits, two to a byte. */
  F4(4),
  /** Float of 6 bits: 2 of exponent, 3 of mantissa. */
  F6_E2M3(6),
  /** Float of 6 bits: 3 of exponent, 2 of mantissa. */
  F6_E3M2(6),
  /** Unsigned integer of 8 bits. */
  U8(8),
  /** Signed integer of 8 bits. */
  I8(8),
  /** Float of 8 bits: 5 of exponent, 2 of mantissa. */
  F8_E5M2(8),
  /** Float of 8 bits: 4 of exponent, 3 of mantissa. */
  F8_E4M3(8),
  /** Float of 8 bits, exponent only. */
  F8_E8M0(8),
  /** Float of 8 bits: 4 of exponent, 3 of mantissa, without negative zero. */
  F8_E4M3FNUZ(8),
  /** Float of 8 bits: 5 of exponent, 2 of mantissa, without negative zero. */
  F8_E5M2FNUZ(8),
  /** Signed integer of 16 bits. */
  I16(16),
  /** Unsigned integer of 16 bits. */
  U16(16),
  /** IEEE 754 half precision. */
  F16(16),
  /** The upper half of a float32. */
  BF16(16),
  /** Signed integer of 32 bits. */
  I32(32),
  /** Unsigned integer of 32 bits. */
  U32(32),
  /** IEEE 754 single precision. */
  F32(32),
  /** Complex number of two float32. */
  C64(64),
  /** IEEE 754 double precision. */
  F64(64),
  /** Signed integer of 64 bits. */
  I64(64),
  /** Unsigned integer of 64 bits. */
  U64(64);

  private final int bits;

  SafetensorsType(int bits) {
    this.bits = bits;
  }

  /** {@return the bits of one element} */
  public int bits() {
    return bits;
  }

  /** {@return whether elements can be read as float32} */
  public boolean isReadable() {
    return this == F16 || this == BF16 || this == F32 || this == F64;
  }

  /** TensorFlow's type of the same bytes, for one that is readable. */
  Class<? extends TFloating> tensorType() {
    return switch (this) {
      case F32 -> TFloat32.class;
      case F64 -> TFloat64.class;
      case BF16 -> TBfloat16.class;
      case F16 -> TFloat16.class;
      default -> throw new IllegalStateException("no floating type: " + this);
    };
  }

  /**
   * Decodes {@code count} elements, little-endian, from the buffer's position on; the position does not move. A
   * {@link #F64} is rounded to the nearest float32.
   */
  void decode(ByteBuffer bytes, float[] target, int offset, int count) {
    switch (this) {
      case F32 -> bytes.asFloatBuffer().get(target, offset, count);
      case F64 -> {
        var values = bytes.asDoubleBuffer();
        for (int i = 0; i < count; i++) {
          target[offset + i] = (float) values.get(i);
        }
      }
      case BF16 -> {
        ShortBuffer values = bytes.asShortBuffer();
        for (int i = 0; i < count; i++) {
          target[offset + i] = Float.intBitsToFloat(values.get(i) << 16);
        }
      }
      case F16 ->
          DataLayouts.FLOAT16
              .applyTo(DataBuffers.of(bytes.asShortBuffer()))
              .read(target, offset, count);
      default -> throw new IllegalStateException("type cannot be read as float32: " + this);
    }
  }
}
