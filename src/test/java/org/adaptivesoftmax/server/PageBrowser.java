package org.adaptivesoftmax.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.deque.html.axecore.results.Rule;
import com.deque.html.axecore.selenium.AxeBuilder;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.regex.Pattern;
import org.openqa.selenium.By;
import org.openqa.selenium.Rectangle;
import org.openqa.selenium.StaleElementReferenceException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.support.ui.Select;
import org.openqa.selenium.support.ui.WebDriverWait;

/** The page of a server in the machine's own Chromium, which reaches no other address. */
final class PageBrowser implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String address;
  private final ChromeDriver driver;
  private final Set<String> used = new LinkedHashSet<>();

  PageBrowser(ModelServer server) {
    address = "http://127.0.0.1:" + server.restPort() + "/";
    ChromeOptions options = new ChromeOptions();
    options.setBinary(program("chromium"));
    options.addArguments(
        "--headless=new",
        "--no-sandbox",
        "--disable-dev-shm-usage",
        "--hide-scrollbars",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1");
    options.setCapability("goog:loggingPrefs", Map.of(LogType.BROWSER, "ALL"));
    // With the driver's path given, Selenium looks for none.
    driver =
        new ChromeDriver(
            new ChromeDriverService.Builder()
                .usingDriverExecutable(program("chromedriver"))
                .build(),
            options);
  }

  private static File program(String name) {
    return Pattern.compile(File.pathSeparator)
        .splitAsStream(System.getenv("PATH"))
        .map(directory -> new File(directory, name))
        .filter(File::canExecute)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "no %s on the path: apt-get install chromium chromium-driver".formatted(name)));
  }

  /**
   * Shows the page in a window of a width, in a light or a dark scheme.
   *
   * @param view with # before it, or nothing
   */
  void open(String view, int width, boolean dark) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", 900, "deviceScaleFactor", 1, "mobile", false));
    scheme(dark);
    driver.get("about:blank");
    driver.get(address + view);
  }

  void scheme(boolean dark) {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"))));
  }

  WebElement find(String id) {
    return driver.findElement(By.id(id));
  }

  List<WebElement> all(String css) {
    return driver.findElements(By.cssSelector(css));
  }

  /** The text that a reader sees. */
  String text(String id) {
    return find(id).getText();
  }

  /** Where the keyboard is. */
  WebElement focused() {
    return driver.switchTo().activeElement();
  }

  void go(String view) {
    used.add(view);
    driver.findElement(By.cssSelector("nav a[href='#%s']".formatted(view))).click();
    await(() -> find(view).isDisplayed());
  }

  void click(String id) {
    used.add(id);
    find(id).click();
  }

  void submit(String form) {
    used.add(form);
    driver.findElement(By.cssSelector("#%s button[type=submit]".formatted(form))).click();
  }

  void type(String id, String text) {
    used.add(id);
    WebElement field = find(id);
    field.clear();
    field.sendKeys(text);
  }

  void choose(String id, String text) {
    used.add(id);
    new Select(find(id)).selectByVisibleText(text);
  }

  /** The controls that have an id, and the forms that are sent, but were never used. */
  List<String> unused() {
    return all("main input[id], main select[id], main textarea[id], main button[id], main form[id]")
        .stream()
        .map(control -> control.getDomAttribute("id"))
        .filter(id -> !used.contains(id))
        .toList();
  }

  void await(BooleanSupplier condition) {
    new WebDriverWait(driver, PATIENCE)
        .ignoring(StaleElementReferenceException.class)
        .until(ignored -> condition.getAsBoolean());
  }

  /** What the browser has complained of since it was last asked. */
  List<String> complaints() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .map(Object::toString)
        .toList();
  }

  /** That the server has refused so many requests, and nothing else was complained of. */
  void assertRefused(int requests) {
    assertThat(complaints())
        .hasSize(requests)
        .allSatisfy(line -> assertThat(line).contains("the server responded with a status of 4"));
  }

  /** All rules of axe-core, best practices included. */
  void assertAccessible(String what) {
    List<Rule> violations = new AxeBuilder().analyze(driver).getViolations();
    assertThat(violations)
        .as(what)
        .extracting(rule -> rule.getId() + ": " + rule.getHelp() + " " + rule.getNodes())
        .isEmpty();
  }

  void assertFits(String what) {
    assertThat(
            driver.executeScript(
                "return document.documentElement.scrollWidth - document.documentElement.clientWidth"))
        .as("what is beyond the window's edge: " + what)
        .isEqualTo(0L);
  }

  /** Everything that the page has loaded. */
  List<?> loaded() {
    return (List<?>)
        driver.executeScript("return performance.getEntriesByType('resource').map(r => r.name)");
  }

  String address() {
    return address;
  }

  /** Takes a picture of the whole page, as long as it is. */
  void picture(Path file) throws IOException {
    picture(file, Map.of("format", "png", "captureBeyondViewport", true));
  }

  /** Takes a picture of one part of the page. */
  void picture(Path file, String id) throws IOException {
    Rectangle part = find(id).getRect();
    Map<String, Object> clip =
        Map.of(
            "x", part.getX(),
            "y", part.getY(),
            "width", part.getWidth(),
            "height", part.getHeight(),
            "scale", 1);
    picture(file, Map.of("format", "png", "captureBeyondViewport", true, "clip", clip));
  }

  private void picture(Path file, Map<String, Object> how) throws IOException {
    String data = (String) driver.executeCdpCommand("Page.captureScreenshot", how).get("data");
    Files.createDirectories(file.getParent());
    Files.write(file, Base64.getDecoder().decode(data));
  }

  @Override
  public void close() {
    driver.quit();
  }
}
