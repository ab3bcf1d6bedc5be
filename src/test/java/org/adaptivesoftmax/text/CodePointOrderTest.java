package org.adaptivesoftmax.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class CodePointOrderTest {
  /** Few code points, from all lengths of UTF-8, so that texts often have a start in common. */
  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of(0x41, 0xE9, 0x4E00, 0xD7FF, 0xE000, 0xFF21, 0xFFFD, 0x1F600, 0x10FFFF)
        .array(int[].class)
        .ofMaxSize(4)
        .map(
            points ->
                IntStream.of(points)
                    .collect(
                        StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString());
  }

  @Property
  void isTheOrderOfBytes(@ForAll("texts") String a, @ForAll("texts") String b) {
    assertThat(Integer.signum(CodePointOrder.BY_CODE_POINT.compare(a, b)))
        .isEqualTo(Integer.signum(Arrays.compareUnsigned(a.getBytes(UTF_8), b.getBytes(UTF_8))));
  }
}
