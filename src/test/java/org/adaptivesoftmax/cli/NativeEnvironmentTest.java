package org.adaptivesoftmax.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Function;
import com.sun.jna.Platform;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

@DisabledOnOs(OS.WINDOWS)
class NativeEnvironmentTest {
  @Test
  void nativeCodeSeesADefault() {
    NativeEnvironment.setDefault("ADAPTIVE_SOFTMAX_TEST", "1");
    assertThat(nativeValue("ADAPTIVE_SOFTMAX_TEST")).isEqualTo("1");
  }

  @Test
  void aVariableThatIsSetStays() {
    NativeEnvironment.setDefault("PATH", "elsewhere");
    assertThat(nativeValue("PATH")).isEqualTo(System.getenv("PATH"));
  }

  private static String nativeValue(String name) {
    return Function.getFunction(Platform.C_LIBRARY_NAME, "getenv")
        .invokeString(new Object[] {name}, false);
  }
}
