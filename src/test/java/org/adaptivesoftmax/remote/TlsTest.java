package org.adaptivesoftmax.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.grpc.Grpc;
import io.grpc.Server;
import io.grpc.TlsServerCredentials;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.adaptivesoftmax.client.ModelServerClient;
import org.adaptivesoftmax.client.ModelServerException;
import org.adaptivesoftmax.proto.GetModelStatusRequest;
import org.adaptivesoftmax.proto.GetModelStatusResponse;
import org.adaptivesoftmax.proto.ModelServiceGrpc;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.error.Code;

/** Servers with a certificate that they signed themselves, which a client has to be told of. */
class TlsTest {
  private static final String PASSWORD = "password";

  @TempDir static Path directory;

  private static Path certificate;
  private static KeyManagerFactory keys;

  @BeforeAll
  static void makeCertificate() throws Exception {
    Path store = directory.resolve("keys.p12");
    certificate = directory.resolve("certificate.pem");
    keytool(
        store, "-genkeypair -alias server -keyalg EC -dname CN=localhost -ext SAN=DNS:localhost");
    keytool(store, "-exportcert -alias server -rfc -file " + certificate);
    KeyStore loaded = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      loaded.load(in, PASSWORD.toCharArray());
    }
    keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(loaded, PASSWORD.toCharArray());
  }

  private static void keytool(Path store, String arguments)
      throws IOException, InterruptedException {
    String tool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    String all = tool + " " + arguments + " -storetype PKCS12 -storepass " + PASSWORD;
    Process process =
        new ProcessBuilder((all + " -keystore " + store).split(" ", -1)).inheritIO().start();
    assertThat(process.waitFor()).isZero();
  }

  private static RemoteModelBuilder client() {
    return RemoteModel.builder("m").retries(0).deadline(Duration.ofSeconds(60));
  }

  @Test
  void grpc() throws IOException {
    Server server =
        Grpc.newServerBuilderForPort(
                0, TlsServerCredentials.newBuilder().keyManager(keys.getKeyManagers()).build())
            .addService(new NoVersions())
            .build()
            .start();
    String target = "localhost:" + server.getPort();
    String address = "127.0.0.1:" + server.getPort();
    try (ModelServerClient trusting = client().tls(certificate).grpc(target);
        ModelServerClient wary = client().tls().grpc(target);
        ModelServerClient plain = client().grpc(target);
        ModelServerClient another = client().tls(certificate).grpc(address)) {
      assertThat(trusting.status()).isEmpty();
      assertUnavailable(wary, "unable to find valid certification path");
      assertUnavailable(plain, "");
      assertUnavailable(another, "127.0.0.1");
    } finally {
      server.shutdownNow();
    }
  }

  @Test
  void rest() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), null, null);
    HttpsServer server =
        HttpsServer.create(new InetSocketAddress(InetAddress.getByName("localhost"), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    server.createContext(
        "/v1/models/m",
        exchange -> RecordedServer.reply(exchange, 200, "{\"model_version_status\": []}"));
    server.start();
    URI uri = URI.create("https://localhost:" + server.getAddress().getPort());
    try (ModelServerClient trusting = client().tls(certificate).rest(uri);
        ModelServerClient wary = client().rest(uri);
        ModelServerClient another =
            client()
                .tls(certificate)
                .rest(URI.create("https://127.0.0.1:" + server.getAddress().getPort()))) {
      assertThat(trusting.status()).isEqualTo(List.of());
      assertUnavailable(wary, "unable to find valid certification path");
      assertUnavailable(another, "127.0.0.1");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void aFileThatIsNotThereOrNoCertificate() throws IOException {
    Path none = directory.resolve("none.pem");
    assertThatThrownBy(() -> client().tls(none))
        .isInstanceOf(NoSuchFileException.class)
        .hasMessage(none.toString());
    Path text = Files.writeString(directory.resolve("text.pem"), "no certificate");
    assertThatThrownBy(() -> client().tls(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no PEM certificates: " + text);
  }

  @Test
  void aFileWithoutCertificates() throws IOException {
    Path empty = Files.writeString(directory.resolve("empty.pem"), "");
    assertThatThrownBy(() -> client().tls(empty))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no certificates: " + empty);
  }

  private static void assertUnavailable(ModelServerClient client, String reason) {
    assertThatThrownBy(client::status)
        .hasMessageContaining(reason)
        .isInstanceOfSatisfying(
            ModelServerException.class, e -> assertThat(e.code()).isEqualTo(Code.UNAVAILABLE));
  }

  private static final class NoVersions extends ModelServiceGrpc.ModelServiceImplBase {
    @Override
    public void getModelStatus(
        GetModelStatusRequest request, StreamObserver<GetModelStatusResponse> out) {
      out.onNext(GetModelStatusResponse.getDefaultInstance());
      out.onCompleted();
    }
  }
}
