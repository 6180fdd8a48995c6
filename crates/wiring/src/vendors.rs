//! Models of vendors by name, with the policies that each of their calls goes through.

use std::{
    collections::BTreeMap,
    fmt,
    net::IpAddr,
    path::PathBuf,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use assize_ambient::{Clock, Seed};
use assize_llm::{
    CallStatistics, ChatModel, CircuitBroken, ConcurrencyLimited, Observed, RateLimited, Retrying,
};
use assize_metering::{ModelPrice, PriceBook};
use assize_pipeline::{BlindModel, Blindfold};
use assize_transport::{
    Breaker, BreakerOptions, Gate, HttpTransport, Limiter, LimiterOptions, RetryBudget, Transport,
};
use assize_vendors::{Endpoint, ModelSpec, VendorModel};

use crate::{Error, ErrorKind, Keys, price_book};

/// Where keys and prices of vendors' models come from.
#[derive(Debug, Clone, Default)]
pub struct VendorOptions {
    /// A file of keys; what it does not hold comes from the environment.
    pub keys: Option<PathBuf>,
    /// Price books to lay over the embedded one.
    pub price_books: Vec<PathBuf>,
}

/// The key for servers that take any. It is hidden like every key, and so is no word that anybody would use.
const STAND_IN: &str = "assize-no-key";

/// A vendor's model, ready to be asked.
pub(crate) struct Hired {
    pub(crate) model: Arc<dyn ChatModel>,
    /// None for a model on a machine of one's own.
    pub(crate) price: Option<Arc<ModelPrice>>,
}

/// Hires models by name. What belongs to an account is shared by all its models: connections, rate, places, circuit
/// breaker, retries.
pub(crate) struct Vendors {
    clock: Arc<dyn Clock>,
    keys: Keys,
    prices: PriceBook,
    seed: Seed,
    statistics: CallStatistics,
    accounts: Mutex<BTreeMap<String, Arc<Account>>>,
    /// What its models must not be told.
    blindfold: OnceLock<Arc<Blindfold>>,
}

/// What the models of one endpoint share.
#[derive(Debug)]
struct Account {
    transport: Arc<dyn Transport>,
    limiter: Limiter,
    gate: Gate,
    breaker: Breaker,
    retries: RetryBudget,
}

impl fmt::Debug for Vendors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vendors").field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl Vendors {
    pub(crate) fn new(options: &VendorOptions, clock: Arc<dyn Clock>, seed: Seed) -> Result<Self, Error> {
        Ok(Self {
            clock,
            keys: Keys::load(options.keys.as_deref())?,
            prices: price_book(&options.price_books, None)?.book,
            seed: seed.child("retries"),
            statistics: CallStatistics::new(),
            accounts: Mutex::default(),
            blindfold: OnceLock::new(),
        })
    }

    /// Keeps something from all models that are hired from now on. The first blindfold stays.
    pub(crate) fn blindfold(&self, blindfold: Arc<Blindfold>) {
        let _ = self.blindfold.set(blindfold);
    }

    /// The model of this name, such as `openai:gpt-4o` or `http://127.0.0.1:8000/v1#llama`, for a speaker of this name.
    pub(crate) fn hire(&self, name: &str, speaker: &str) -> Result<Hired, Error> {
        let ModelSpec { endpoint, model, .. } = name.parse().map_err(|e| {
            Error::caused(ErrorKind::BadRequest, "", e).with_hint(
                "a model is openai:NAME, anthropic:NAME, gemini:NAME, ollama:NAME …, or the address of a server and a model's name \
                 there, such as http://127.0.0.1:8000/v1#NAME",
            )
        })?;
        let given_by_address = name.contains("://");
        let endpoint = self.with_key(endpoint, given_by_address)?;
        let price = self.price(&endpoint, model.as_str(), given_by_address)?;
        let account = self.account(&endpoint, given_by_address)?;
        let asked: Arc<dyn ChatModel> =
            Arc::new(VendorModel::new(endpoint, model, Arc::clone(&account.transport)));
        // A refusal of the gate or the limiter is no failure of the vendor: the breaker stands outside of them.
        let asked: Arc<dyn ChatModel> = Arc::new(ConcurrencyLimited::new(asked, account.gate.clone()));
        let asked: Arc<dyn ChatModel> = Arc::new(RateLimited::new(asked, account.limiter.clone()));
        let asked: Arc<dyn ChatModel> = Arc::new(CircuitBroken::new(asked, account.breaker.clone()));
        // A debate has set aside what one attempt can cost.
        let asked = Retrying::new(asked, self.seed.child(speaker))
            .with_budget(account.retries.clone())
            .never_paying_twice();
        let model: Arc<dyn ChatModel> =
            Arc::new(Observed::new(Arc::new(asked), self.statistics.clone()).for_agent(speaker));
        let model = match self.blindfold.get() {
            Some(blindfold) => Arc::new(BlindModel::new(model, Arc::clone(blindfold))),
            None => model,
        };
        Ok(Hired { model, price })
    }

    /// The prices that its models are hired at.
    pub(crate) const fn prices(&self) -> &PriceBook {
        &self.prices
    }

    /// How the calls so far went.
    pub(crate) fn statistics(&self) -> &CallStatistics {
        &self.statistics
    }

    /// An endpoint with its key. A vendor's own key goes to the vendor and to nobody else: what is given by its address has
    /// a key only if the file names its host, and a host that is called as a vendor is (`http://openai/v1`) is not that vendor.
    fn with_key(&self, endpoint: Endpoint, given_by_address: bool) -> Result<Endpoint, Error> {
        let host = endpoint.base().host().unwrap_or_default().to_owned();
        let of_host = if Endpoint::known(&host).is_ok() { None } else { self.keys.find(&host, None) };
        let found = match of_host {
            None if !given_by_address => self.keys.find(endpoint.name(), endpoint.key_variable()),
            found => found,
        };
        match found {
            Some(key) => Ok(endpoint.with_key(key.expose())),
            // A server of one's own that asks for a key takes any.
            None if given_by_address && is_own_machine(&endpoint) => Ok(endpoint.with_key(STAND_IN)),
            None if given_by_address || !endpoint.key_needed() => Ok(endpoint),
            None => {
                let name = endpoint.name().to_owned();
                let variable = endpoint.key_variable().unwrap_or("its variable");
                Err(Error::bad_request(format!("ask {name}: there is no key for it")).with_hint(format!(
                    "set {variable}, or write `{name} = \"…\"` into a file and give it as --keys FILE"
                )))
            }
        }
    }

    fn price(
        &self,
        endpoint: &Endpoint,
        model: &str,
        given_by_address: bool,
    ) -> Result<Option<Arc<ModelPrice>>, Error> {
        if is_own_machine(endpoint) {
            return Ok(None);
        }
        let name =
            if given_by_address { model.to_owned() } else { format!("{}/{model}", sold_by(endpoint.name())) };
        let price = self.prices.find(&name, self.clock.now()).map_err(|e| {
            Error::caused(ErrorKind::BadRequest, "", e).with_hint(
                "without its price a call cannot be held to a budget: `assize models` lists what is known, and --price-book FILE \
                 adds to it",
            )
        })?;
        Ok(Some(Arc::new(price.clone())))
    }

    fn account(&self, endpoint: &Endpoint, given_by_address: bool) -> Result<Arc<Account>, Error> {
        let base = endpoint.base();
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(account) = accounts.get(base.as_str()) {
            return Ok(Arc::clone(account));
        }
        let builder = HttpTransport::builder(Arc::clone(&self.clock));
        // Whoever writes an address down means the machine that it leads to.
        let builder = if given_by_address { builder.allow_private(base) } else { builder.allow(base) };
        let transport = builder.build().map_err(|e| {
            let kind = match e.kind() {
                assize_transport::ErrorKind::BadRequest => ErrorKind::BadRequest,
                _ => ErrorKind::Outside,
            };
            Error::caused(kind, "", e)
        })?;
        let account = Arc::new(Account {
            transport: Arc::new(transport),
            limiter: Limiter::new(LimiterOptions::default()),
            gate: Gate::default(),
            breaker: Breaker::new(BreakerOptions::default()),
            retries: RetryBudget::default(),
        });
        accounts.insert(base.as_str().to_owned(), Arc::clone(&account));
        Ok(account)
    }
}

/// The name under which a price book has what an endpoint sells.
fn sold_by(endpoint: &str) -> &str {
    match endpoint {
        "gemini" => "google",
        "openai-responses" => "openai",
        other => other,
    }
}

/// Whether a server stands where nobody sends bills from: this machine, or a private network.
fn is_own_machine(endpoint: &Endpoint) -> bool {
    let host = endpoint.base().host().unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    match name.parse() {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_private() || address.is_link_local(),
        Ok(IpAddr::V6(address)) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
        Err(_) => name.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use assize_ambient::SystemClock;

    use super::*;

    fn vendors(keys: &str) -> Vendors {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.toml");
        std::fs::write(&path, keys).unwrap();
        let options = VendorOptions { keys: Some(path), price_books: Vec::new() };
        Vendors::new(&options, Arc::new(SystemClock), Seed::new(1)).unwrap()
    }

    fn endpoint(base: &str) -> Endpoint {
        Endpoint::new("x", assize_vendors::WireFormat::OpenAiChat, base.parse().unwrap())
    }

    #[test]
    fn machines_of_ones_own_send_no_bills() {
        for base in [
            "http://127.0.0.1:8000/v1",
            "http://localhost/v1",
            "http://LOCALHOST:1",
            "http://192.168.1.7:8000",
            "http://[::1]:8000/v1",
            "http://10.1.2.3",
        ] {
            assert!(is_own_machine(&endpoint(base)), "{base}");
        }
        for base in [
            "https://api.openai.com/v1",
            "http://8.8.8.8",
            "http://localhost.example.org",
            "http://[2001:db8::1]",
        ] {
            assert!(!is_own_machine(&endpoint(base)), "{base}");
        }
    }

    #[test]
    fn a_vendors_key_goes_to_nobody_else() {
        let vendors = vendors("anthropic = \"sk-secret\"\n\"proxy.example.org\" = \"sk-proxy\"\n");
        for (name, has_key) in [
            ("anthropic:claude-sonnet-4-5", true),
            ("anthropic+https://proxy.example.org#claude-sonnet-4-5", true),
            ("anthropic+https://elsewhere.example.org#claude-sonnet-4-5", false),
            ("anthropic+http://anthropic/v1#claude-sonnet-4-5", false),
            ("https://anthropic#claude-sonnet-4-5", false),
        ] {
            let spec: ModelSpec = name.parse().unwrap();
            let endpoint = vendors.with_key(spec.endpoint, name.contains("://")).unwrap();
            assert_eq!(endpoint.has_key(), has_key, "{name}");
        }
    }

    #[test]
    fn what_is_missing_is_told() {
        let vendors = vendors("openai = \"sk-secret\"\n");
        for (name, message, hint) in [
            ("mistral:mistral-large-latest", "no key", "MISTRAL_API_KEY"),
            ("openai:gpt-nine", "gpt-nine", "--price-book"),
            ("https://proxy.example.org/v1#my-own-model", "my-own-model", "--price-book"),
            ("opanai:gpt-4o", "openai", "openai:NAME"),
        ] {
            let error = vendors.hire(name, "Ada").err().expect(name);
            assert!(error.to_string().contains(message), "{name}: {error}");
            assert!(error.hint().unwrap_or_default().contains(hint), "{name}: {:?}", error.hint());
            assert!(!format!("{error} {error:?}").contains("sk-secret"), "{error:?}");
        }
    }

    #[tokio::test]
    async fn models_of_one_account_share_what_it_bears() {
        let vendors = vendors("");
        let one = vendors.hire("http://127.0.0.1:8000/v1#a", "Ada").unwrap();
        let other = vendors.hire("http://127.0.0.1:8000/v1#b", "Bea").unwrap();
        assert!(one.price.is_none() && other.price.is_none());
        assert_eq!(vendors.accounts.lock().unwrap().len(), 1);
    }
}
