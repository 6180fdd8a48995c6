//! An answer of each source, small and made by us, and how many items stand in it.

/// A source's name, which of its planned requests is answered, the answer, and how many items it holds.
pub(crate) struct KnownAnswer {
    pub(crate) source: &'static str,
    /// The end of the address that is answered; the first planned request that ends so.
    pub(crate) at: &'static str,
    pub(crate) body: &'static str,
    pub(crate) items: usize,
}

/// The company of the answers, and as of when they are read.
pub(crate) const TICKER: &str = "ACME";
pub(crate) const NAME: &str = "Acme Rockets, Inc.";
pub(crate) const CIK: u64 = 1_999_001;
pub(crate) const AS_OF: &str = "2024-06-12";

/// One for each source of the catalogue.
pub(crate) const KNOWN_ANSWERS: &[KnownAnswer] = &[
    KnownAnswer {
        source: "yahoo-chart",
        at: "",
        body: r#"{"chart":{"result":[{"meta":{"currency":"USD","symbol":"ACME","instrumentType":"EQUITY",
"exchangeTimezoneName":"America/New_York","gmtoffset":-14400,"dataGranularity":"1d"},
"timestamp":[1718026200,1718112600,1718199000,1718285400],"events":{"dividends":{"1718112600":{"amount":0.25,"date":1718112600}}},
"indicators":{"quote":[{"open":[41.1,41.6,41.2,43.0],"high":[42.0,41.9,42.4,44.0],"low":[40.9,41.0,41.1,42.8],
"close":[41.5,41.25,42.25,43.5],"volume":[120000,98000,131000,250000]}],
"adjclose":[{"adjclose":[41.25,41.25,42.25,43.5]}]}}],"error":null}}"#,
        items: 4,
    },
    KnownAnswer {
        source: "edgar-tickers",
        at: "",
        body: r#"{"0":{"cik_str":1999001,"ticker":"ACME","title":"Acme Rockets, Inc."}}"#,
        items: 1,
    },
    KnownAnswer {
        source: "edgar-filings",
        at: "CIK0001999001.json",
        body: r#"{"cik":"0001999001","name":"Acme Rockets, Inc.","tickers":["ACME"],"exchanges":["Nasdaq"],"filings":{"recent":{
"accessionNumber":["0001999001-24-000020","0001999001-24-000015"],"filingDate":["2024-06-10","2024-05-09"],
"reportDate":["2024-06-07","2024-03-31"],"acceptanceDateTime":["2024-06-10T20:10:30.000Z","2024-05-09T20:05:51.000Z"],
"form":["8-K","10-Q"],"items":["2.02,9.01",""],"primaryDocument":["acme-20240607.htm","acme-20240331.htm"],
"primaryDocDescription":["8-K","10-Q"]},"files":[]}}"#,
        items: 2,
    },
    KnownAnswer {
        source: "edgar-current",
        at: "",
        body: r#"<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Latest Filings</title><entry>
<title>4 - Acme Rockets, Inc. (0001999001) (Issuer)</title>
<link rel="alternate" type="text/html" href="https://www.sec.gov/Archives/edgar/data/1999001/000199907724000003/0001999077-24-000003-index.htm"/>
<summary type="html"> &lt;b&gt;Filed:&lt;/b&gt; 2024-06-05 &lt;b&gt;AccNo:&lt;/b&gt; 0001999077-24-000003 &lt;b&gt;Size:&lt;/b&gt; 10 KB</summary>
<updated>2024-06-05T18:31:12-04:00</updated><category scheme="https://www.sec.gov/" label="form type" term="4"/>
<id>urn:tag:sec.gov,2008:accession-number=0001999077-24-000003</id></entry></feed>"#,
        items: 1,
    },
    KnownAnswer {
        source: "edgar-facts",
        at: "CIK0001999001.json",
        body: r#"{"cik":1999001,"entityName":"Acme Rockets, Inc.","facts":{"us-gaap":{"Revenues":{"label":"Revenues","description":"",
"units":{"USD":[{"start":"2023-01-01","end":"2023-12-31","val":5200000000,"accn":"0001999001-24-000004","fy":2023,"fp":"FY",
"form":"10-K","filed":"2024-02-20"},{"start":"2024-01-01","end":"2024-03-31","val":1400000000,"accn":"0001999001-24-000015",
"fy":2024,"fp":"Q1","form":"10-Q","filed":"2024-05-09"}]}}}}}"#,
        items: 2,
    },
    KnownAnswer {
        source: "cboe-options",
        at: "ACME.json",
        body: r#"{"timestamp":"2024-06-12 19:45:00","symbol":"ACME","data":{"current_price":42.25,"options":[
{"option":"ACME240719C00040000","bid":3.1,"ask":3.3,"iv":0.36,"open_interest":800.0,"volume":1200.0,"delta":0.71,"gamma":0.06,"last_trade_price":3.2,"last_trade_time":"2024-06-12T15:31:00"},
{"option":"ACME240719C00045000","bid":1.0,"ask":1.1,"iv":0.34,"open_interest":1500.0,"volume":300.0,"delta":0.31,"gamma":0.07,"last_trade_price":1.05,"last_trade_time":"2024-06-12T15:40:00"},
{"option":"ACME240719P00040000","bid":0.9,"ask":1.0,"iv":0.38,"open_interest":900.0,"volume":250.0,"delta":-0.29,"gamma":0.06,"last_trade_price":0.95,"last_trade_time":"2024-06-12T15:22:00"},
{"option":"ACME240719P00045000","bid":3.6,"ask":3.8,"iv":0.37,"open_interest":200.0,"volume":50.0,"delta":-0.68,"gamma":0.07,"last_trade_price":3.7,"last_trade_time":"2024-06-12T14:02:00"}]}}"#,
        items: 1,
    },
    KnownAnswer {
        source: "wikipedia-pageviews",
        at: "",
        body: r#"{"items":[{"project":"en.wikipedia","article":"Acme_Rockets,_Inc.","granularity":"daily","timestamp":"2024060900","access":"all-access","agent":"user","views":210},
{"project":"en.wikipedia","article":"Acme_Rockets,_Inc.","granularity":"daily","timestamp":"2024061000","access":"all-access","agent":"user","views":980}]}"#,
        items: 2,
    },
    KnownAnswer {
        source: "fred-csv",
        at: "",
        body: "observation_date,DGS10\n2024-06-05,4.29\n2024-06-06,4.28\n2024-06-07,.\n",
        items: 2,
    },
    KnownAnswer {
        source: "fred-api",
        at: "",
        body: r#"{"count":1,"observations":[{"realtime_start":"2024-06-07","realtime_end":"9999-12-31","date":"2024-06-06","value":"4.28"}]}"#,
        items: 1,
    },
    KnownAnswer {
        source: "treasury-yields",
        at: "",
        body: "Date,\"1 Mo\",\"10 Yr\"\n06/07/2024,5.48,4.43\n06/06/2024,5.48,4.28\n",
        items: 4,
    },
    KnownAnswer {
        source: "finra-short-volume",
        at: "20240611.txt",
        body: "Date|Symbol|ShortVolume|ShortExemptVolume|TotalVolume|Market\n20240611|ACME|41000.5|300|98000|B,Q,N\n1\n",
        items: 1,
    },
    KnownAnswer {
        source: "gdelt",
        at: "",
        body: r#"{"articles":[{"url":"https://www.reuters.com/acme","url_mobile":"","title":"Acme Rockets cuts its outlook after a failed launch",
"seendate":"20240612T121500Z","socialimage":"","domain":"reuters.com","language":"English","sourcecountry":"United States"}]}"#,
        items: 1,
    },
    KnownAnswer {
        source: "stocktwits",
        at: "",
        body: r#"{"response":{"status":200},"symbol":{"id":1,"symbol":"ACME","title":"Acme Rockets, Inc."},"cursor":{"more":false,"since":2,"max":1},
"messages":[{"id":2,"body":"$ACME will fly &gt; all others","created_at":"2024-06-12T15:00:00Z","user":{"username":"x"},
"symbols":[{"symbol":"ACME"}],"entities":{"sentiment":{"basic":"Bullish"}},"likes":{"total":3}}]}"#,
        items: 1,
    },
    KnownAnswer {
        source: "reddit",
        at: "",
        body: r#"<feed xmlns="http://www.w3.org/2005/Atom"><title>search</title><entry><id>t3_b</id><title>Long Acme Rockets?</title>
<content type="html">&lt;p&gt;Is it cheap?&lt;/p&gt;</content><link href="https://www.reddit.com/r/stocks/comments/b/long_acme/"/>
<updated>2024-06-11T12:00:00+00:00</updated><published>2024-06-11T12:00:00+00:00</published></entry></feed>"#,
        items: 1,
    },
    KnownAnswer {
        source: "hacker-news",
        at: "",
        body: r#"{"hits":[{"created_at":"2024-06-10T10:00:00Z","title":"Acme Rockets opens its flight software","url":"https://acme.example",
"points":12,"story_text":null,"num_comments":3,"created_at_i":1718013600,"objectID":"9","_tags":["story"]}],"nbHits":1,"page":0}"#,
        items: 1,
    },
    KnownAnswer {
        source: "youtube-data",
        at: "",
        body: r#"{"kind":"youtube#videoListResponse","pageInfo":{"totalResults":1},"items":[{"kind":"youtube#video","id":"v2",
"snippet":{"publishedAt":"2024-06-11T10:00:00Z","channelId":"UC0123456789abcdefghij-_","title":"Is Acme Rockets cheap?","description":"Yes"},
"statistics":{"viewCount":"1234","likeCount":"5"}}]}"#,
        items: 1,
    },
    KnownAnswer {
        source: "yahoo-options",
        at: "",
        body: r#"{"optionChain":{"error":null,"result":[{"underlyingSymbol":"ACME","strikes":[40],"expirationDates":[1721347200],
"quote":{"quoteType":"EQUITY","regularMarketPrice":42.25,"regularMarketTime":1718222402,"marketState":"POST"},
"options":[{"expirationDate":1721347200,"calls":[{"contractSymbol":"ACME240719C00040000","contractSize":"REGULAR","bid":3.1,"ask":3.3,
"lastPrice":3.2,"volume":1200,"openInterest":800,"impliedVolatility":0.36,"lastTradeDate":1718220660}],"puts":[]}]}]}}"#,
        items: 1,
    },
    KnownAnswer {
        source: "alpha-vantage-daily",
        at: "",
        body: r#"{"Meta Data":{"1. Information":"Daily Prices","2. Symbol":"ACME","3. Last Refreshed":"2024-06-12","4. Output Size":"Compact",
"5. Time Zone":"US/Eastern"},"Time Series (Daily)":{
"2024-06-12":{"1. open":"41.2000","2. high":"42.4000","3. low":"41.1000","4. close":"42.2500","5. volume":"131000"},
"2024-06-11":{"1. open":"41.6000","2. high":"41.9000","3. low":"41.0000","4. close":"41.2500","5. volume":"98000"}}}"#,
        items: 2,
    },
    KnownAnswer {
        source: "alpha-vantage-quote",
        at: "",
        body: r#"{"Global Quote":{"01. symbol":"ACME","02. open":"41.2000","03. high":"42.4000","04. low":"41.1000","05. price":"42.2500",
"06. volume":"131000","07. latest trading day":"2024-06-12","08. previous close":"41.2500","10. change percent":"2.4242%"}}"#,
        items: 1,
    },
    KnownAnswer {
        source: "finnhub-news",
        at: "",
        body: r#"[{"category":"company","datetime":1718191200,"headline":"Acme&#39;s new rocket flies","id":70428593,"image":"","related":"ACME",
"source":"Example","summary":"It flies.","url":"https://news.example/rocket"}]"#,
        items: 1,
    },
    KnownAnswer {
        source: "crypto-fear-greed",
        at: "",
        body: r#"{"name":"Fear and Greed Index","data":[{"value":"72","value_classification":"Greed","timestamp":"1718150400"}],"metadata":{"error":null}}"#,
        items: 1,
    },
];
