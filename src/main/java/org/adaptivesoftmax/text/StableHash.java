package org.adaptivesoftmax.text;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** A hash of a text that is the same in every run, on every machine and in every version. */
final class StableHash {
  private StableHash() {}

  /**
   * CRC-32 of the UTF-8 bytes, then the finalizer of MurmurHash3 (x86, 32 bit): CRC-32 alone is linear, so that similar
   * short texts differ in few, predictable bits.
   *
   * @return evenly spread over 0..2<sup>32</sup>−1
   */
  static long of(String text) {
    CRC32 crc = new CRC32();
    crc.update(text.getBytes(StandardCharsets.UTF_8));
    int hash = (int) crc.getValue();
    hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
    hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
    return Integer.toUnsignedLong(hash ^ (hash >>> 16));
  }
}
